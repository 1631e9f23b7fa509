namespace Llama2.Templating;

/// <summary>What a template may use up while it is rendered.</summary>
internal sealed record TemplateLimits
{
    /// <summary>Characters of a template.</summary>
    public const int MaxSourceLength = 1 << 20;

    /// <summary>Tokens of a template; the longest templates in use have about 5,000.</summary>
    public const int MaxTokenCount = 50_000;

    /// <summary>Levels of nesting: of brackets and blocks in the source, of calls, and of lists and dicts in values.</summary>
    public const int MaxDepth = 64;

    public static TemplateLimits Default { get; } = new();

    /// <summary>Nodes evaluated and items visited.</summary>
    public int MaxStepCount { get; init; } = 1_000_000;

    /// <summary>Characters of the output, and of every string on the way to it.</summary>
    public int MaxTextLength { get; init; } = 1_000_000;

    /// <summary>Items of a <c>range</c>.</summary>
    public int MaxRangeLength { get; init; } = 100_000;

    /// <summary>Characters of all strings made on the way, together: 16 copies of the longest, 32 MB.</summary>
    public long MaxTotalLength => 16L * MaxTextLength;
}
