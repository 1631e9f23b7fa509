using System.Runtime.CompilerServices;

namespace Llama2.Cli;

/// <summary>What <c>llama2 bench</c> runs. Every property is checked when it is set.</summary>
internal sealed record BenchmarkPlan
{
    /// <summary>Tokens of the prompt, 1 or more.</summary>
    public int PromptTokenCount { get; init => field = Check(value, 1); } = 256;

    /// <summary>Tokens to generate, 2 or more: the first comes out of the prompt, the others are measured.</summary>
    public int GeneratedTokenCount { get; init => field = Check(value, 2); } = 32;

    /// <summary>Measured runs, 1 or more, after one that is not measured.</summary>
    public int RepeatCount { get; init => field = Check(value, 1); } = 3;

    /// <summary>Threads that compute; null takes as many as there are processors.</summary>
    public int? ThreadCount { get; init; }

    /// <summary>How keys and values are kept; null takes the model's default.</summary>
    public KeyValueCacheType? CacheType { get; init; }

    private static int Check(int value, int minimum, [CallerMemberName] string property = "")
    {
        const int Maximum = 1_000_000;
        return value >= minimum && value <= Maximum
            ? value
            : throw new ArgumentOutOfRangeException(property, FormattableString.Invariant($"{value:N0} is not from {minimum:N0} to {Maximum:N0}."));
    }
}
