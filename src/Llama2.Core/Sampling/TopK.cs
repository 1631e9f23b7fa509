namespace Llama2.Sampling;

/// <summary>Keeps the k likeliest candidates, sorted: Fan et al. 2018, "Hierarchical neural story generation" (arXiv 1805.04833) §5.1.</summary>
internal sealed class TopK(int count) : ILogitProcessor
{
    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history) => candidates.KeepHighest(count);
}
