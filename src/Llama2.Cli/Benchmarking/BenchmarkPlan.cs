using System.Runtime.CompilerServices;

namespace Llama2.Cli.Benchmarking;

/// <summary>The measurements of <c>llama2 bench</c>. Every property is checked when it is set.</summary>
internal sealed record BenchmarkPlan
{
    /// <summary>The numbers of tokens of the prompts, each 1 or more; each length is measured.</summary>
    public IReadOnlyList<int> PromptTokenCounts { get; init => field = [.. value.Select(count => Check(count, 1))]; } = [256];

    /// <summary>The number of context tokens with which decoding begins, 1 or more; null takes the length of each prompt.</summary>
    public int? DepthTokenCount { get; init => field = value is int count ? Check(count, 1) : null; }

    /// <summary>The number of tokens to generate, 2 or more: the first results from the prompt, the others are measured.</summary>
    public int GeneratedTokenCount { get; init => field = Check(value, 2); } = 32;

    /// <summary>The number of measured runs, 1 or more, after one that is not measured.</summary>
    public int RepeatCount { get; init => field = Check(value, 1); } = 3;

    /// <summary>The number of concurrent generations, 2 to 256, the maximum that is computed together; null does not measure any.</summary>
    public int? SessionCount { get; init => field = value is int count ? Check(count, 2, 256) : null; }

    /// <summary>The number of threads that compute; null takes the number of processor cores.</summary>
    public int? ThreadCount { get; init; }

    /// <summary>How rotary scaling extends the context; null takes the file's scaling.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>The type of keys and values; null takes the model's default.</summary>
    public KeyValueCacheType? CacheType { get; init; }

    private static int Check(int value, int minimum, int maximum = 1_000_000, [CallerMemberName] string property = "")
        => value >= minimum && value <= maximum
            ? value
            : throw new ArgumentOutOfRangeException(property, FormattableString.Invariant($"{value:N0} is not from {minimum:N0} to {maximum:N0}."));
}
