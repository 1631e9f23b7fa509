using Llama2.Templating.Limits;

namespace Llama2.Templating.Syntax;

/// <summary>
/// A template's tokens with one token of look-ahead, and operations that both parsers need. Limits the nesting depth and the number of tokens.
/// </summary>
internal sealed class TokenStream
{
    private readonly SourceText _source;
    private readonly Lexer _lexer;
    private Token? _next;
    private int _tokenCount;

    public TokenStream(SourceText source, TemplateDialect dialect)
    {
        _source = source;
        Dialect = dialect;
        _lexer = new Lexer(source, dialect);
        Current = _lexer.Next();
    }

    public TemplateDialect Dialect { get; }

    public Token Current { get; private set; }

    /// <summary>Unknown filters and tests found so far.</summary>
    public UnknownNames UnknownNames { get; } = new();

    /// <summary>The number of brackets and blocks around the current token.</summary>
    public int Depth { get; private set; }

    /// <summary>The token after the current one.</summary>
    public Token Peek() => _next ??= _lexer.Next();

    /// <summary>Advances; returns the token that was current.</summary>
    public Token Take()
    {
        Token taken = Current;
        Current = Peek();
        _next = null;
        if (++_tokenCount > TemplateLimits.MaxTokenCount)
            throw Fault("the template has too many tokens", $"at most {TemplateLimits.MaxTokenCount} tokens are allowed");
        return taken;
    }

    public bool TakeIfName(string name) => TakeIf(Current.IsName(name));

    public bool TakeIfOperator(string symbol) => TakeIf(Current.IsOperator(symbol));

    public Token Expect(TokenKind kind, string description) => Current.Kind == kind ? Take() : throw Unexpected(description);

    public Token ExpectOperator(string symbol) => Current.IsOperator(symbol) ? Take() : throw Unexpected($"'{symbol}'");

    public PromptTemplateException Unexpected(string expected) => Fault($"unexpected {Current.Description}", $"{expected} is expected");

    public PromptTemplateException Fault(string what, string limit = "", string remedy = "") => Fault(Current.Offset, what, limit, remedy);

    public PromptTemplateException Fault(int offset, string what, string limit = "", string remedy = "") => _source.Fault(offset, what, limit, remedy);

    /// <summary>Enters a bracket or a block.</summary>
    public void Enter()
    {
        if (++Depth > TemplateLimits.MaxDepth)
            throw Fault("brackets and blocks are nested too deep", $"at most {TemplateLimits.MaxDepth} levels are allowed");
    }

    public void Leave() => Depth--;

    private bool TakeIf(bool isExpected)
    {
        if (isExpected)
            Take();
        return isExpected;
    }
}
