using System.Runtime.CompilerServices;

namespace Llama2.Cli.Benchmarking;

/// <summary>What <c>llama2 bench</c> runs. Every property is checked when it is set.</summary>
internal sealed record BenchmarkPlan
{
    /// <summary>Tokens of the prompts, each 1 or more; each length is measured.</summary>
    public IReadOnlyList<int> PromptTokenCounts { get; init => field = [.. value.Select(count => Check(count, 1))]; } = [256];

    /// <summary>Tokens of context that decoding begins with, 1 or more; null takes those of each prompt.</summary>
    public int? DepthTokenCount { get; init => field = value is int count ? Check(count, 1) : null; }

    /// <summary>Tokens to generate, 2 or more: the first comes out of the prompt, the others are measured.</summary>
    public int GeneratedTokenCount { get; init => field = Check(value, 2); } = 32;

    /// <summary>Measured runs, 1 or more, after one that is not measured.</summary>
    public int RepeatCount { get; init => field = Check(value, 1); } = 3;

    /// <summary>Generations at the same time, 2 to 256, as many as are computed together; null measures none.</summary>
    public int? SessionCount { get; init => field = value is int count ? Check(count, 2, 256) : null; }

    /// <summary>Threads that compute; null takes as many as there are processor cores.</summary>
    public int? ThreadCount { get; init; }

    /// <summary>How the context is stretched; null takes what the file says.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>How keys and values are kept; null takes the model's default.</summary>
    public KeyValueCacheType? CacheType { get; init; }

    private static int Check(int value, int minimum, int maximum = 1_000_000, [CallerMemberName] string property = "")
        => value >= minimum && value <= maximum
            ? value
            : throw new ArgumentOutOfRangeException(property, FormattableString.Invariant($"{value:N0} is not from {minimum:N0} to {maximum:N0}."));
}
