using System.Diagnostics;

namespace Llama2.Cli.Benchmarking;

/// <summary>
/// Records when each token of a generation is chosen; it changes no logits. A reader may receive several tokens at once, long after they were chosen.
/// With times taken by the reader, some intervals would be 0, and speeds would be higher than possible.
/// </summary>
/// <param name="tokenCount">The number of tokens that will be generated.</param>
internal sealed class TokenClock(int tokenCount) : ILogitProcessor
{
    private readonly List<long> _times = new(tokenCount);

    /// <summary>The time of each token, in ticks of <see cref="Stopwatch"/>; read it only after the generation has finished.</summary>
    public IReadOnlyList<long> Times => _times;

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
    }

    public void Accept(int token, double probability) => _times.Add(Stopwatch.GetTimestamp());
}
