namespace Llama2.Sampling;

/// <summary>
/// Excludes top choices (p-e-w 2024, text-generation-webui pull request 6335): in some steps, at random, drops all candidates of at least a
/// probability but the least likely of them. So where several would do, the obvious ones are not taken; where only one would, it stays.
/// </summary>
/// <param name="probability">Of a step to drop any.</param>
/// <param name="threshold">The probability a candidate must have to be a top choice.</param>
/// <param name="random">Drawn from once a step.</param>
internal sealed class Xtc(float probability, float threshold, RandomSource random) : ILogitProcessor
{
    /// <summary>The highest threshold that two candidates can reach.</summary>
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
            // Of equals the later one comes later in order.
            if (weights[i] >= least && (last < 0 || logits[i] <= logits[last]))
                last = i;
        }

        if (last >= 0)
            candidates.KeepFrom(last);
    }
}
