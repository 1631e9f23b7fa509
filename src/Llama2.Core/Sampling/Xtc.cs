namespace Llama2.Sampling;

/// <summary>
/// Excludes top choices (p-e-w 2024, text-generation-webui pull request 6335): in randomly chosen steps, drops all candidates whose probability is at
/// least a threshold, except the least likely of them. If several candidates reach the threshold, the most obvious ones are excluded; if only one
/// candidate reaches it, this candidate is kept.
/// </summary>
/// <param name="probability">The probability that a step drops candidates.</param>
/// <param name="threshold">The minimum probability of a top choice.</param>
/// <param name="random">The random numbers; one is drawn in each step.</param>
internal sealed class Xtc(float probability, float threshold, RandomSource random) : ILogitProcessor
{
    /// <summary>The highest threshold that two candidates can both reach.</summary>
    public const float HighestThreshold = 0.5f;

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        if (random.NextDouble() >= probability)
            return;

        ReadOnlySpan<float> weights = candidates.ComputeWeights(out double sum);
        Span<float> logits = candidates.Logits;
        double least = threshold * sum;
        int last = -1;
        for (int i = 0; i < weights.Length; i++)
        {
            // Among candidates with equal logits, the one with the higher index is later in sorted order.
            if (weights[i] >= least && (last < 0 || logits[i] <= logits[last]))
                last = i;
        }

        if (last >= 0)
            candidates.KeepFrom(last);
    }
}
