using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>Parses text and tags.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private readonly TargetParser _targets;
    private readonly SpecialNameUses _names = new();
    private readonly HashSet<string> _blockNames = new(StringComparer.Ordinal);

    public StatementParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens, _names);
        _targets = new TargetParser(tokens, _expressions, _names);
    }

    public Statement[] ParseTemplate()
    {
        Statement[] statements = ParseStatements(default);
        if (_tokens.Current.Kind != TokenKind.EndOfTemplate)
            throw _tokens.Fault($"unexpected tag '{_tokens.Peek().Text}'", "nothing is open here that it could close or continue");
        _tokens.UnknownNames.Refuse(0);
        return statements;
    }

    // Parses statements up to the end of the template, or up to a tag that closes or continues a block: 'end…', 'else' and 'elif'.
    private Statement[] ParseStatements(LoopPlace place)
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
                statements.Add(ParseTag(place));
            }
        }

        return [.. statements];
    }

    private static bool IsClosing(Token name) =>
        name.Kind == TokenKind.Name && (name.Text is "else" or "elif" || name.Text.StartsWith("end", StringComparison.Ordinal));

    private Statement ParseTag(LoopPlace place)
    {
        Token name = _tokens.Expect(TokenKind.Name, "a tag's name");
        Statement statement = name.Text switch
        {
            "if" => ParseIf(name, place),
            "for" => ParseFor(name, place),
            "set" => ParseSet(name.Offset, place),
            "with" => ParseWith(name.Offset, place),
            "macro" => ParseMacro(name.Offset, place),
            "call" => ParseCallBlock(name.Offset, place),
            "filter" => ParseFilterBlock(name.Offset, place),
            "generation" => new Statement.Generation(name.Offset, ParseCaptured("generation", name.Offset, place)),
            "block" => ParseBlock(name.Offset, place),
            "autoescape" => new Statement.Autoescape(name.Offset, _expressions.Parse(), ParseCaptured("autoescape", name.Offset, place)),
            "print" => ParsePrint(name.Offset),
            "include" or "import" or "from" or "extends" => ParseOtherTemplate(name),
            "break" or "continue" when !place.CanLeave => throw _tokens.Fault(name.Offset, $"unexpected tag '{name.Text}'", "it belongs in a loop"),
            "break" => new Statement.Break(name.Offset),
            "continue" => new Statement.Continue(name.Offset),
            _ => throw _tokens.Fault(
                name.Offset,
                $"unknown tag '{name.Text}'",
                "the tags are if, for, set, with, macro, call, filter, generation, block, autoescape, print, raw, break and continue"),
        };
        _tokens.Expect(TokenKind.BlockEnd, "'%}'");
        return statement;
    }

    private Statement.If ParseIf(Token opening, LoopPlace place)
    {
        int unknownCount = _tokens.UnknownNames.Count;
        var branches = new List<Statement.Branch>();
        Statement[] otherwise = [];
        do
        {
            Expression condition = _expressions.ParseTuple(allowsConditional: false);
            branches.Add(new Statement.Branch(condition, ParseBody(opening, place)));
        }
        while (_tokens.TakeIfName("elif"));

        if (_tokens.TakeIfName("else"))
            otherwise = ParseBody(opening, place);
        Close("if");
        _tokens.UnknownNames.Forget(unknownCount);
        return new Statement.If(opening.Offset, [.. branches], otherwise);
    }

    private Statement.For ParseFor(Token opening, LoopPlace place)
    {
        Target target = _targets.Parse(allowsAttributes: false, allowsLoop: false);
        if (!_tokens.TakeIfName("in"))
            throw _tokens.Unexpected("'in'");
        Expression items = _expressions.ParseTuple(allowsConditional: false);
        int unknownCount = _tokens.UnknownNames.Count;
        Expression? filter = _tokens.TakeIfName("if") ? _expressions.Parse() : null;
        bool isRecursive = _tokens.TakeIfName("recursive");
        Statement[] body = ParseBody(opening, LoopPlace.Body);
        // In the 'else' part, 'break' and 'continue' refer to the loop around this one.
        Statement[] otherwise = _tokens.TakeIfName("else") ? ParseBody(opening, place with { IsInLoop = true }) : [];
        Close("for");
        _tokens.UnknownNames.Refuse(unknownCount);
        return new Statement.For(opening.Offset, target, items, filter, isRecursive, body, otherwise);
    }

    private Statement ParseSet(int offset, LoopPlace place)
    {
        Target target = _targets.Parse(allowsAttributes: true, allowsLoop: !place.IsInLoop);
        if (_tokens.TakeIfOperator("="))
            return new Statement.Set(offset, target, _expressions.ParseTuple());
        int unknownCount = _tokens.UnknownNames.Count;
        var block = new Statement.SetBlock(offset, target, _expressions.Suffixes.ParseFilters(startsInline: false), ParseCaptured("set", offset, place));
        _tokens.UnknownNames.Refuse(unknownCount);
        return block;
    }

    private Statement.With ParseWith(int offset, LoopPlace place)
    {
        var variables = new List<KeyValuePair<Target, Expression>>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0)
                _tokens.ExpectOperator(",");
            Target target = _targets.Parse(allowsAttributes: false, allowsLoop: true);
            _tokens.ExpectOperator("=");
            variables.Add(KeyValuePair.Create(target, _expressions.Parse()));
        }

        int unknownCount = _tokens.UnknownNames.Count;
        Statement[] body = ParseBody(new Token(TokenKind.Name, "with", offset), place);
        Close("with");
        _tokens.UnknownNames.Refuse(unknownCount);
        return new Statement.With(offset, [.. variables], body);
    }

    private Statement.FilterBlock ParseFilterBlock(int offset, LoopPlace place)
    {
        int unknownCount = _tokens.UnknownNames.Count;
        var block = new Statement.FilterBlock(offset, _expressions.Suffixes.ParseFilters(startsInline: true), ParseCaptured("filter", offset, place));
        _tokens.UnknownNames.Refuse(unknownCount);
        return block;
    }

    private Statement.Macro ParseMacro(int offset, LoopPlace place)
    {
        string name = _targets.ParseName();
        Statement.MacroBody definition = ParseMacroBody(name, "macro", () => _targets.ParseParameters(), static () => { }, offset, place);
        return new Statement.Macro(offset, definition);
    }

    private Statement.CallBlock ParseCallBlock(int offset, LoopPlace place)
    {
        Expression.Postfix? callee = null;
        Statement.MacroBody caller = ParseMacroBody(
            null, "call", () => _tokens.Current.IsOperator("(") ? _targets.ParseParameters() : [], () => callee = ParseCallee(), offset, place);
        var call = (Suffix.Call)callee!.Suffixes[^1];
        Expression macro = callee.Suffixes.Length == 1 ? callee.First : callee with { Suffixes = callee.Suffixes[..^1] };
        return new Statement.CallBlock(offset, caller, macro, call);
    }

    private Expression.Postfix ParseCallee()
    {
        int offset = _tokens.Current.Offset;
        return _expressions.Parse() is Expression.Postfix { Suffixes: [.., Suffix.Call] } callee
            ? callee
            : throw _tokens.Fault(offset, "this is not a call", "a call block must call a macro");
    }

    // For this macro, only the special names in its body count, not those in its parameters or in the called expression. For an enclosing macro, all
    // of them count.
    private Statement.MacroBody ParseMacroBody(
        string? name, string tag, Func<Statement.Parameter[]> parseParameters, Action parseCallee, int offset, LoopPlace place)
    {
        Statement.Parameter[] parameters = parseParameters();
        parseCallee();
        int unknownCount = _tokens.UnknownNames.Count;
        _names.EnterBody();
        Statement[] body = ParseCaptured(tag, offset, place);
        SpecialNames inside = _names.LeaveBody();
        if (inside.HasFlag(SpecialNames.Caller) && Array.Find(parameters, parameter => parameter.Name == "caller") is { Name: not null, Default: null })
            throw _tokens.Fault(offset, "the parameter 'caller' has no default", "a macro can also be called without a call block", "write 'caller=none'");
        _tokens.UnknownNames.Refuse(unknownCount);
        var signature = new MacroSignature(name, [.. parameters.Select(parameter => parameter.Name)], inside);
        return new Statement.MacroBody(signature, [.. parameters.Select(parameter => parameter.Default)], body);
    }

    private Statement.Block ParseBlock(int offset, LoopPlace place)
    {
        string name = _targets.ParseName();
        if (!_blockNames.Add(name))
            throw _tokens.Fault(offset, $"block '{name}' is defined twice");
        bool isScoped = _tokens.TakeIfName("scoped");
        _tokens.TakeIfName("required");
        int unknownCount = _tokens.UnknownNames.Count;
        int outer = _names.EnterBlock();
        Statement[] body = ParseCaptured("block", offset, place);
        _names.LeaveBlock(outer);
        _tokens.TakeIfName(name);
        _tokens.UnknownNames.Refuse(unknownCount);
        return new Statement.Block(offset, isScoped, body);
    }

    // Several values are printed one after another, like operands of '~'.
    private Statement.Output ParsePrint(int offset)
    {
        var values = new List<Expression> { _expressions.Parse() };
        while (_tokens.TakeIfOperator(","))
            values.Add(_expressions.Parse());
        return new Statement.Output(offset, values.Count == 1 ? values[0] : new Expression.Concatenation(offset, [.. values]));
    }

    private Statement.OtherTemplate ParseOtherTemplate(Token name)
    {
        while (_tokens.Current.Kind is not (TokenKind.BlockEnd or TokenKind.EndOfTemplate))
            _tokens.Take();
        return new Statement.OtherTemplate(name.Offset, name.Text);
    }

    /// <summary>Parses a body that is rendered separately, up to and including the name of its closing tag. The body cannot leave an enclosing loop.</summary>
    private Statement[] ParseCaptured(string name, int offset, LoopPlace place)
    {
        Statement[] body = ParseBody(new Token(TokenKind.Name, name, offset), place.Captured);
        Close(name);
        return body;
    }

    /// <summary>Parses a block's body. After this, the current token is the name of the tag that ends the body.</summary>
    private Statement[] ParseBody(Token opening, LoopPlace place)
    {
        // jinja2 allows a colon here, as in Python.
        _tokens.TakeIfOperator(":");
        _tokens.Expect(TokenKind.BlockEnd, "'%}'");
        _tokens.Enter();
        Statement[] body = ParseStatements(place);
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
