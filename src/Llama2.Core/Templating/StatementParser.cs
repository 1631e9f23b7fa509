namespace Llama2.Templating;

/// <summary>Parses text and tags.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private bool _isInLoop;

    public StatementParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
    }

    public Statement[] ParseTemplate()
    {
        Statement[] statements = ParseStatements();
        return _tokens.Current.Kind == TokenKind.EndOfTemplate
            ? statements
            : throw _tokens.Fault($"unexpected tag '{_tokens.Peek().Text}'", "nothing is open here that it could close or continue");
    }

    // Stops at the end, or where a tag begins that closes or continues a block: 'end…', 'else' and 'elif'.
    private Statement[] ParseStatements()
    {
        var statements = new List<Statement>();
        while (_tokens.Current.Kind != TokenKind.EndOfTemplate)
        {
            Token token = _tokens.Current;
            if (token.Kind == TokenKind.Text)
            {
                statements.Add(new Statement.Text(token.Offset, TextValue.Own(_tokens.Take().Text)));
            }
            else if (token.Kind == TokenKind.OutputBegin)
            {
                _tokens.Take();
                statements.Add(new Statement.Output(_tokens.Current.Offset, _expressions.ParseTuple()));
                _tokens.Expect(TokenKind.OutputEnd, "'}}'");
            }
            else if (IsClosing(_tokens.Peek()))
            {
                break;
            }
            else
            {
                _tokens.Take();
                statements.Add(ParseTag());
            }
        }

        return [.. statements];
    }

    private static bool IsClosing(Token name) =>
        name.Kind == TokenKind.Name && (name.Text is "else" or "elif" || name.Text.StartsWith("end", StringComparison.Ordinal));

    private Statement ParseTag()
    {
        Token name = _tokens.Expect(TokenKind.Name, "a tag's name");
        Statement statement = name.Text switch
        {
            "if" => ParseIf(name),
            "for" => ParseFor(name),
            "set" => ParseSet(name.Offset),
            "macro" => ParseMacro(name.Offset),
            "call" => ParseCallBlock(name.Offset),
            "filter" => new Statement.FilterBlock(name.Offset, _expressions.Suffixes.ParseFilters(startsInline: true), ParseCaptured("filter", name.Offset)),
            "generation" => new Statement.Generation(name.Offset, ParseCaptured("generation", name.Offset)),
            "break" or "continue" when !_isInLoop => throw _tokens.Fault(name.Offset, $"unexpected tag '{name.Text}'", "it belongs in a loop"),
            "break" => new Statement.Break(name.Offset),
            "continue" => new Statement.Continue(name.Offset),
            _ => throw _tokens.Fault(
                name.Offset, $"unknown tag '{name.Text}'", "the tags are if, for, set, macro, call, filter, generation, raw, break and continue"),
        };
        _tokens.Expect(TokenKind.BlockEnd, "'%}'");
        return statement;
    }

    private Statement.If ParseIf(Token opening)
    {
        var branches = new List<Statement.Branch>();
        Statement[] otherwise = [];
        do
        {
            Expression condition = _expressions.ParseTuple(allowsConditional: false);
            branches.Add(new Statement.Branch(condition, ParseBody(opening)));
        }
        while (_tokens.TakeIfName("elif"));

        if (_tokens.TakeIfName("else"))
            otherwise = ParseBody(opening);
        Close("if");
        return new Statement.If(opening.Offset, [.. branches], otherwise);
    }

    private Statement.For ParseFor(Token opening)
    {
        string[] targets = ParseLoopTargets();
        if (!_tokens.TakeIfName("in"))
            throw _tokens.Unexpected("'in'");
        Expression items = _expressions.ParseTuple(allowsConditional: false);
        Expression? filter = _tokens.TakeIfName("if") ? _expressions.Parse() : null;
        if (_tokens.Current.IsName("recursive"))
            throw _tokens.Fault("'recursive'", "loops that call themselves are not known", "write a macro that does");

        bool wasInLoop = _isInLoop;
        _isInLoop = true;
        Statement[] body = ParseBody(opening);
        _isInLoop = wasInLoop;
        Statement[] otherwise = _tokens.TakeIfName("else") ? ParseBody(opening) : [];
        Close("for");
        return new Statement.For(opening.Offset, targets, items, filter, body, otherwise);
    }

    private string[] ParseLoopTargets()
    {
        bool isEnclosed = _tokens.TakeIfOperator("(");
        var names = new List<string> { ParseTargetName() };
        while (_tokens.TakeIfOperator(","))
            names.Add(ParseTargetName());
        if (isEnclosed)
            _tokens.ExpectOperator(")");
        return [.. names];
    }

    private Statement ParseSet(int offset)
    {
        var targets = new List<Statement.Variable> { ParseTarget() };
        while (_tokens.TakeIfOperator(","))
            targets.Add(ParseTarget());
        if (_tokens.TakeIfOperator("="))
            return new Statement.Set(offset, [.. targets], _expressions.ParseTuple());
        if (targets.Count > 1)
            throw _tokens.Unexpected("'='");
        return new Statement.SetBlock(offset, targets[0], _expressions.Suffixes.ParseFilters(startsInline: false), ParseCaptured("set", offset));
    }

    private Statement.Variable ParseTarget()
    {
        int offset = _tokens.Current.Offset;
        string name = ParseTargetName();
        return new Statement.Variable(name, _tokens.TakeIfOperator(".") ? _tokens.Expect(TokenKind.Name, "an attribute's name").Text : null, offset);
    }

    private string ParseTargetName()
    {
        Token name = _tokens.Expect(TokenKind.Name, "a variable's name");
        return name.Text is "true" or "True" or "false" or "False" or "none" or "None"
            ? throw _tokens.Fault(name.Offset, $"'{name.Text}' cannot be set", "it is a constant")
            : name.Text;
    }

    private Statement.Macro ParseMacro(int offset)
    {
        string name = ParseTargetName();
        return new Statement.Macro(offset, name, ParseParameters(), ParseCaptured("macro", offset));
    }

    private Statement.CallBlock ParseCallBlock(int offset)
    {
        Statement.Parameter[] parameters = _tokens.Current.IsOperator("(") ? ParseParameters() : [];
        int calleeOffset = _tokens.Current.Offset;
        if (_expressions.Parse() is not Expression.Postfix { Suffixes: [.. var before, Suffix.Call call] } callee)
            throw _tokens.Fault(calleeOffset, "this is no call", "a call block calls a macro");
        Expression macro = before.Length == 0 ? callee.First : callee with { Suffixes = before };
        return new Statement.CallBlock(offset, parameters, macro, call, ParseCaptured("call", offset));
    }

    private Statement.Parameter[] ParseParameters()
    {
        var parameters = new List<Statement.Parameter>();
        _tokens.ExpectOperator("(");
        while (!_tokens.Current.IsOperator(")"))
        {
            string name = ParseTargetName();
            Expression? otherwise = _tokens.TakeIfOperator("=") ? _expressions.Parse() : null;
            if (otherwise is null && parameters.Count > 0 && parameters[^1].Default is not null)
                throw _tokens.Fault($"parameter '{name}' has no default", "one before it has");
            parameters.Add(new Statement.Parameter(name, otherwise));
            if (!_tokens.TakeIfOperator(","))
                break;
        }

        _tokens.ExpectOperator(")");
        return [.. parameters];
    }

    /// <summary>A body that is rendered apart, up to and with its closing tag's name: a loop around it cannot be left from there.</summary>
    private Statement[] ParseCaptured(string name, int offset)
    {
        bool wasInLoop = _isInLoop;
        _isInLoop = false;
        Statement[] body = ParseBody(new Token(TokenKind.Name, name, offset));
        _isInLoop = wasInLoop;
        Close(name);
        return body;
    }

    /// <summary>A block's body; the next token is the name of the tag that ends it.</summary>
    private Statement[] ParseBody(Token opening)
    {
        _tokens.Expect(TokenKind.BlockEnd, "'%}'");
        _tokens.Enter();
        Statement[] body = ParseStatements();
        _tokens.Leave();
        if (_tokens.Current.Kind == TokenKind.EndOfTemplate)
            throw _tokens.Fault(opening.Offset, $"'{opening.Text}' has no end", remedy: $"close it with '{{% end{opening.Text} %}}'");
        _tokens.Take();
        return body;
    }

    private void Close(string name)
    {
        if (!_tokens.TakeIfName("end" + name))
            throw _tokens.Fault($"unexpected tag '{_tokens.Current.Text}'", $"the innermost block is '{name}'", $"close it with '{{% end{name} %}}'");
    }
}
