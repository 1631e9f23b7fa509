namespace Llama2.Templating.Limits;

/// <summary>What a template may use up while it is rendered.</summary>
internal sealed record TemplateLimits
{
    /// <summary>Characters of a template.</summary>
    public const int MaxSourceLength = 1 << 20;

    /// <summary>Tokens of a template; the longest templates in use have about 5,000.</summary>
    public const int MaxTokenCount = 50_000;

    /// <summary>Characters of a name: variables are looked up by it, each time in time proportional to its length.</summary>
    public const int MaxNameLength = 1000;

    /// <summary>Levels of nesting: of brackets and blocks in the source, of calls, and of lists and dicts in values.</summary>
    public const int MaxDepth = 64;

    /// <summary>Bits of a whole number.</summary>
    public const int MaxIntegerBitCount = 1 << 16;

    /// <summary>Most values that a conversation's JSON has, and that the JSON of its tools has.</summary>
    public const int MaxJsonValueCount = 65_536;

    /// <summary>Digits of a whole number that is read or written; Python's own limit.</summary>
    public const int MaxDigitCount = 4300;

    public static TemplateLimits Default { get; } = new();

    /// <summary>Nodes evaluated and items visited.</summary>
    public int MaxStepCount { get; init; } = 1_000_000;

    /// <summary>Characters of the output, and of every string on the way to it.</summary>
    public int MaxTextLength { get; init; } = 1_000_000;

    /// <summary>Items of a <c>range</c>.</summary>
    public int MaxRangeLength { get; init; } = 100_000;

    /// <summary>
    /// Time from the start of the rendering. The other limits end a rendering after some tenths of a second; this one covers unforeseen
    /// costs, and machines that are much slower.
    /// </summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Characters of all strings made on the way, together: 16 copies of the longest, 32 MB.</summary>
    public long MaxTotalLength => 16L * MaxTextLength;
}
