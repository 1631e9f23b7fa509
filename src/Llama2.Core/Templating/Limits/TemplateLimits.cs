namespace Llama2.Templating.Limits;

/// <summary>Limits on the resources that rendering a template may use.</summary>
internal sealed record TemplateLimits
{
    /// <summary>The maximum number of characters of a template.</summary>
    public const int MaxSourceLength = 1 << 20;

    /// <summary>The maximum number of tokens of a template; the longest templates in use have about 5,000.</summary>
    public const int MaxTokenCount = 50_000;

    /// <summary>The maximum length of a name: each look-up of a variable takes time proportional to it.</summary>
    public const int MaxNameLength = 1000;

    /// <summary>The maximum nesting depth: of brackets and blocks in the source, of calls, and of lists and dicts in values.</summary>
    public const int MaxDepth = 64;

    /// <summary>The maximum number of bits of an integer.</summary>
    public const int MaxIntegerBitCount = 1 << 16;

    /// <summary>The maximum number of values in the JSON of a conversation, and in the JSON of its tools.</summary>
    public const int MaxJsonValueCount = 65_536;

    /// <summary>The maximum number of digits of an integer that is read or written; the same limit as in Python.</summary>
    public const int MaxDigitCount = 4300;

    public static TemplateLimits Default { get; } = new();

    /// <summary>The maximum number of nodes evaluated and items visited.</summary>
    public int MaxStepCount { get; init; } = 1_000_000;

    /// <summary>The maximum length of the output, and of every intermediate string.</summary>
    public int MaxTextLength { get; init; } = 1_000_000;

    /// <summary>The maximum number of items of a <c>range</c>.</summary>
    public int MaxRangeLength { get; init; } = 100_000;

    /// <summary>
    /// The maximum time from the start of the rendering. The other limits end a rendering after a few tenths of a second; this one covers unforeseen
    /// costs and much slower machines.
    /// </summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The maximum length of all intermediate strings together: 16 times the longest string, 32 MB.</summary>
    public long MaxTotalLength => 16L * MaxTextLength;
}
