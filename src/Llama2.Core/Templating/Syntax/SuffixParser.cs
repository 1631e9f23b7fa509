using Llama2.Templating.Filtering;
using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>Parses the suffixes of a primary expression: attributes, items, slices, calls, filters and tests.</summary>
internal sealed class SuffixParser(TokenStream tokens, ExpressionParser expressions)
{
    public Expression Parse(Expression first, bool allowsFilters)
    {
        var suffixes = new List<Suffix>();
        while (ParseAccess() is Suffix access)
            suffixes.Add(access);
        // A filter or test may be followed by calls, but not by attributes.
        while (allowsFilters && ParseFilterTestOrCall() is Suffix suffix)
            suffixes.Add(suffix);
        return suffixes.Count == 0 ? first : new Expression.Postfix(first.Offset, first, [.. suffixes]);
    }

    /// <summary>Parses the filters of a block. If <paramref name="startsInline"/> is true, there is no bar before the first filter.</summary>
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
        return new Suffix.Member(offset, TextValue.Own(tokens.Expect(TokenKind.Name, "an attribute's name").Text));
    }

    private Suffix ParseItem()
    {
        int offset = tokens.Take().Offset;
        tokens.Enter();
        Expression? start = tokens.Current.IsOperator(":") ? null : expressions.ParseTuple(isEnclosed: true);
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
        int offset = tokens.Current.Offset;
        string name = ParseDottedName("a filter's name");
        TemplateFunction? filter = tokens.Dialect.Filters.GetValueOrDefault(name) ?? Filters.Find(name);
        if (filter is null)
            tokens.UnknownNames.Add(() => tokens.Fault(offset, $"there is no filter '{name}'", $"the filters are {Filters.Names}"));
        return new Suffix.Filter(offset, name, filter, tokens.Current.IsOperator("(") ? ParseArguments() : ArgumentList.Empty);
    }

    private Suffix.Test ParseTest()
    {
        bool isNegated = tokens.TakeIfName("not");
        int offset = tokens.Current.Offset;
        string name = ParseDottedName("a test's name");
        TemplateTest? test = TemplateTests.Find(name);
        if (test is null)
            tokens.UnknownNames.Add(() => tokens.Fault(offset, $"there is no test '{name}'", $"the tests are {TemplateTests.Names}"));
        return new Suffix.Test(offset, name, test, ParseTestArguments(), isNegated);
    }

    private string ParseDottedName(string description)
    {
        string name = tokens.Expect(TokenKind.Name, description).Text;
        if (!tokens.Current.IsOperator("."))
            return name;
        var parts = new List<string> { name };
        while (tokens.TakeIfOperator("."))
            parts.Add(tokens.Expect(TokenKind.Name, description).Text);
        return string.Join('.', parts);
    }

    private ArgumentList ParseTestArguments()
    {
        if (tokens.Current.IsOperator("("))
            return ParseArguments();
        bool hasArgument = tokens.Current switch
        {
            { Kind: TokenKind.String or TokenKind.Integer or TokenKind.Double } => true,
            { Kind: TokenKind.Name, Text: not ("else" or "or" or "and") } => true,
            { Kind: TokenKind.Operator, Text: "[" or "{" } => true,
            _ => false,
        };
        if (!hasArgument)
            return ArgumentList.Empty;
        if (tokens.Current.IsName("is"))
            throw tokens.Fault("a test follows a test", "'is' cannot be chained", "put the first test in parentheses");
        tokens.Enter();
        Expression argument = Parse(expressions.ParsePrimary(), allowsFilters: false);
        tokens.Leave();
        return new ArgumentList([argument], [], null, null);
    }

    private ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        tokens.Enter();
        var positional = new List<Expression>();
        var keywords = new List<KeyValuePair<TextValue, Expression>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        Expression? spread = null, keywordSpread = null;
        while (!tokens.Current.IsOperator(")"))
        {
            if (tokens.Current.IsOperator("*") && spread is null && keywordSpread is null)
                spread = ParseSpread();
            else if (tokens.Current.IsOperator("**") && keywordSpread is null)
                keywordSpread = ParseSpread();
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Peek().IsOperator("=") && keywordSpread is null)
                keywords.Add(ParseKeyword(names));
            else if (keywords.Count == 0 && spread is null && keywordSpread is null)
                positional.Add(expressions.Parse());
            else
                throw tokens.Fault("an argument without a name follows one with a name, '*' or '**'", remedy: "name it, or put it first");
            if (!tokens.TakeIfOperator(","))
                break;
        }

        tokens.Leave();
        tokens.ExpectOperator(")");
        return new ArgumentList([.. positional], [.. keywords], spread, keywordSpread);
    }

    private Expression ParseSpread()
    {
        tokens.Take();
        return expressions.Parse();
    }

    private KeyValuePair<TextValue, Expression> ParseKeyword(HashSet<string> names)
    {
        string name = tokens.Current.Text;
        if (!names.Add(name))
            throw tokens.Fault($"the argument '{name}' is given twice");
        tokens.Take();
        tokens.Take();
        return KeyValuePair.Create(TextValue.Own(name), expressions.Parse());
    }
}
