using System.Runtime.CompilerServices;

namespace Llama2.Cli.Benchmarking;

/// <summary>The settings of <c>llama2 bench</c>, which determine the measurements that it makes. Every property is checked when it is set.</summary>
internal sealed record BenchmarkPlan
{
    /// <summary>The prompt lengths to measure, each 1 token or more.</summary>
    public IReadOnlyList<int> PromptTokenCounts { get; init => field = [.. value.Select(count => Check(count, 1))]; } = [256];

    /// <summary>The number of context tokens with which decoding begins, 1 or more; null if decoding begins directly after each prompt.</summary>
    public int? DepthTokenCount { get; init => field = value is int count ? Check(count, 1) : null; }

    /// <summary>
    /// The number of tokens to generate, 2 or more. Computing the prompt already yields the first token, so the speed of decoding is measured with
    /// the other tokens.
    /// </summary>
    public int GeneratedTokenCount { get; init => field = Check(value, 2); } = 32;

    /// <summary>The number of measured runs, 1 or more. One run that is not measured precedes them.</summary>
    public int RepeatCount { get; init => field = Check(value, 1); } = 3;

    /// <summary>
    /// The number of concurrent generations, 2 to 256, because a model computes at most 256 generations together; null if concurrent generations are
    /// not measured.
    /// </summary>
    public int? SessionCount { get; init => field = value is int count ? Check(count, 2, 256) : null; }

    /// <summary>
    /// The text whose continuation is generated with and without guesses of its next tokens; null if only a draft model is measured, with the longest
    /// prompt, or nothing is guessed.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>The path of the draft model; null for none.</summary>
    public string? DraftModel { get; init; }

    /// <summary>Whether guesses are measured.</summary>
    public bool MeasuresGuesses => Text is not null || DraftModel is not null;

    /// <summary>The number of threads that compute; null for the number of processor cores.</summary>
    public int? ThreadCount { get; init; }

    /// <summary>How RoPE scaling extends the context; null for the scaling that the file states.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>The type of keys and values; null for the model's default.</summary>
    public KeyValueCacheType? CacheType { get; init; }

    /// <summary>Further options of loading, such as the use of a panel file.</summary>
    public LlamaModelOptions Loading { get; init; } = new();

    private static int Check(int value, int minimum, int maximum = 1_000_000, [CallerMemberName] string property = "")
        => value >= minimum && value <= maximum
            ? value
            : throw new ArgumentOutOfRangeException(property, FormattableString.Invariant($"{value:N0} is not from {minimum:N0} to {maximum:N0}."));
}
