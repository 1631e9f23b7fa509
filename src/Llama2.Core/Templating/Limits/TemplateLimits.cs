namespace Llama2.Templating.Limits;

/// <summary>Limits on the resources that rendering a template may use.</summary>
internal sealed record TemplateLimits
{
    /// <summary>The maximum number of characters of a template.</summary>
    public const int MaxSourceLength = 1 << 20;

    /// <summary>The maximum number of tokens of a template; the longest templates in use have about 5,000.</summary>
    public const int MaxTokenCount = 50_000;

    /// <summary>The maximum length of a name. Each look-up of a variable takes time proportional to the length of the name.</summary>
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

    /// <summary>The maximum number of steps. For example, evaluating an expression is a step, and so is visiting an item of a list.</summary>
    public int MaxStepCount { get; init; } = 1_000_000;

    /// <summary>The maximum length of the output, and of every intermediate string.</summary>
    public int MaxTextLength { get; init; } = 1_000_000;

    /// <summary>The maximum number of items of a <c>range</c>.</summary>
    public int MaxRangeLength { get; init; } = 100_000;

    /// <summary>
    /// The maximum time from the start of the rendering. The other limits end a rendering after a few tenths of a second; this limit covers unforeseen costs and very
    /// slow machines.
    /// </summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The maximum length of all intermediate strings together: 16 times the maximum length of one string. Together, these strings take at most 32 MB.</summary>
    public long MaxTotalLength => 16L * MaxTextLength;
}
