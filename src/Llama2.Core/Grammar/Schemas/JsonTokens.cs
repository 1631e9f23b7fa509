using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>The lexemes of JSON's punctuation marks, including the white space beside them.</summary>
internal sealed class JsonTokens
{
    /// <summary>The maximum number of white space characters at one place.</summary>
    public const int MaxWhiteSpaceLength = 64;

    private readonly RegexFactory _regexes;
    private readonly RegexNode _quote, _afterName;

    public JsonTokens(RegexFactory regexes, JsonWhiteSpace whiteSpace)
    {
        RegexNode free = whiteSpace == JsonWhiteSpace.Flexible
            ? regexes.Repeat(regexes.Bytes(ByteSet.Of((byte)' ') | ByteSet.Of((byte)'\t') | ByteSet.Of((byte)'\n') | ByteSet.Of((byte)'\r')), 0, MaxWhiteSpaceLength)
            : regexes.Empty;
        RegexNode after = whiteSpace == JsonWhiteSpace.Spaced ? regexes.Literal(" "u8) : free;
        OpenObject = regexes.Sequence(regexes.Literal("{"u8), free);
        CloseObject = regexes.Sequence(free, regexes.Literal("}"u8));
        OpenArray = regexes.Sequence(regexes.Literal("["u8), free);
        CloseArray = regexes.Sequence(free, regexes.Literal("]"u8));
        Comma = regexes.Sequence(free, regexes.Literal(","u8), after);
        _regexes = regexes;
        _quote = regexes.Literal("\""u8);
        _afterName = regexes.Sequence(_quote, free, regexes.Literal(":"u8), after);
    }

    public RegexNode OpenObject { get; }

    public RegexNode CloseObject { get; }

    public RegexNode OpenArray { get; }

    public RegexNode CloseArray { get; }

    public RegexNode Comma { get; }

    /// <summary>The name of a property with its quotes and the colon.</summary>
    public RegexNode Key(RegexNode name) => _regexes.Sequence(_quote, name, _afterName);
}
