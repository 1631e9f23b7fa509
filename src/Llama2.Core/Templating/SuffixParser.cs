namespace Llama2.Templating;

/// <summary>Parses what follows a primary expression: attributes, items, slices, calls, filters and tests.</summary>
internal sealed class SuffixParser(TokenStream tokens, ExpressionParser expressions)
{
    public Expression Parse(Expression first, bool allowsFilters)
    {
        var suffixes = new List<Suffix>();
        while (ParseAccess() is Suffix access)
            suffixes.Add(access);
        // Behind a filter or test come calls, but no attributes.
        while (allowsFilters && ParseFilterTestOrCall() is Suffix suffix)
            suffixes.Add(suffix);
        return suffixes.Count == 0 ? first : new Expression.Postfix(first.Offset, first, [.. suffixes]);
    }

    /// <summary>The filters of a block: the first without its bar if asked so.</summary>
    public Suffix[] ParseFilters(bool startsInline)
    {
        var filters = new List<Suffix>();
        if (startsInline)
            filters.Add(ParseFilter());
        while (tokens.TakeIfOperator("|"))
            filters.Add(ParseFilter());
        return [.. filters];
    }

    private Suffix? ParseAccess() => tokens.Current switch
    {
        { Kind: TokenKind.Operator, Text: "." } => ParseMember(),
        { Kind: TokenKind.Operator, Text: "[" } => ParseItem(),
        { Kind: TokenKind.Operator, Text: "(" } => ParseCall(),
        _ => null,
    };

    private Suffix? ParseFilterTestOrCall() =>
        tokens.TakeIfOperator("|") ? ParseFilter()
        : tokens.TakeIfName("is") ? ParseTest()
        : tokens.Current.IsOperator("(") ? ParseCall()
        : null;

    private Suffix ParseMember()
    {
        int offset = tokens.Take().Offset;
        Token name = tokens.Current;
        if (name.Kind == TokenKind.Integer)
            return new Suffix.Item(offset, expressions.ParsePrimary());
        tokens.Expect(TokenKind.Name, "an attribute's name");
        if (Members.IsInternal(name.Text))
            throw tokens.Fault(name.Offset, $"the attribute '{name.Text}'", "there is nothing of Python's insides here");
        return new Suffix.Member(offset, name.Text);
    }

    private Suffix ParseItem()
    {
        int offset = tokens.Take().Offset;
        tokens.Enter();
        Expression? start = tokens.Current.IsOperator(":") ? null : expressions.Parse();
        Suffix item = tokens.TakeIfOperator(":")
            ? new Suffix.Slice(offset, start, ParseBound(), tokens.TakeIfOperator(":") ? ParseBound() : null)
            : new Suffix.Item(offset, start!);
        tokens.Leave();
        tokens.ExpectOperator("]");
        return item;

        Expression? ParseBound() => tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]") ? null : expressions.Parse();
    }

    public Suffix.Call ParseCall()
    {
        int offset = tokens.Current.Offset;
        return new Suffix.Call(offset, ParseArguments(), tokens.Depth + 1);
    }

    private Suffix.Filter ParseFilter()
    {
        (_, string name, int offset) = tokens.Expect(TokenKind.Name, "a filter's name");
        TemplateFunction filter = Filters.Find(name) ?? throw tokens.Fault(offset, $"there is no filter '{name}'", $"there are {Filters.Names}");
        return new Suffix.Filter(offset, filter, tokens.Current.IsOperator("(") ? ParseArguments() : ArgumentList.Empty);
    }

    private Suffix.Test ParseTest()
    {
        bool isNegated = tokens.TakeIfName("not");
        (_, string name, int offset) = tokens.Expect(TokenKind.Name, "a test's name");
        TemplateTest test = TemplateTests.Find(name) ?? throw tokens.Fault(offset, $"there is no test '{name}'", $"there are {TemplateTests.Names}");
        return new Suffix.Test(offset, test, ParseTestArguments(), isNegated);
    }

    private ArgumentList ParseTestArguments()
    {
        if (tokens.Current.IsOperator("("))
            return ParseArguments();
        bool hasArgument = tokens.Current switch
        {
            { Kind: TokenKind.String or TokenKind.Integer or TokenKind.Double } => true,
            { Kind: TokenKind.Name, Text: not ("else" or "or" or "and" or "if" or "is" or "in" or "not") } => true,
            { Kind: TokenKind.Operator, Text: "[" or "{" } => true,
            _ => false,
        };
        if (!hasArgument)
            return ArgumentList.Empty;
        tokens.Enter();
        Expression argument = Parse(expressions.ParsePrimary(), allowsFilters: false);
        tokens.Leave();
        return new ArgumentList([argument], []);
    }

    private ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        tokens.Enter();
        var positional = new List<Expression>();
        var keywords = new List<KeyValuePair<string, Expression>>();
        while (!tokens.Current.IsOperator(")"))
        {
            if (tokens.Current.Kind == TokenKind.Operator && tokens.Current.Text is "*" or "**")
                throw tokens.Fault($"unexpected '{tokens.Current.Text}'", "arguments cannot be spread here", "name them one by one");
            if (tokens.Current.Kind == TokenKind.Name && tokens.Peek().IsOperator("="))
                keywords.Add(ParseKeyword());
            else if (keywords.Count == 0)
                positional.Add(expressions.Parse());
            else
                throw tokens.Fault("an argument without a name follows one with a name", remedy: "name it, or put it first");
            if (!tokens.TakeIfOperator(","))
                break;
        }

        tokens.Leave();
        tokens.ExpectOperator(")");
        return new ArgumentList([.. positional], [.. keywords]);
    }

    private KeyValuePair<string, Expression> ParseKeyword()
    {
        string name = tokens.Take().Text;
        tokens.Take();
        return KeyValuePair.Create(name, expressions.Parse());
    }
}
