using System.Diagnostics;

namespace Llama2.Cli.Benchmarking;

/// <summary>
/// Records when each token of a generation is chosen, without changing any logit. The caller may receive several tokens at once, long after they were
/// chosen. With times taken by the caller, some intervals would be 0, and speeds would be higher than possible.
/// </summary>
/// <param name="tokenCount">The number of tokens that will be generated.</param>
internal sealed class TokenClock(int tokenCount) : ILogitProcessor
{
    private readonly List<long> _times = new(tokenCount);

    /// <summary>
    /// The time at which each token was chosen, in ticks of <see cref="Stopwatch"/>; read it only after the generation has finished.
    /// </summary>
    public IReadOnlyList<long> Times => _times;

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
    }

    public void Accept(int token, double probability) => _times.Add(Stopwatch.GetTimestamp());
}
