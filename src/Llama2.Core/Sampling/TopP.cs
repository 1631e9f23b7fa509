namespace Llama2.Sampling;

/// <summary>
/// Keeps the smallest set of likeliest candidates whose probabilities add up to p or more; at least one candidate remains. This is nucleus sampling,
/// Holtzman et al. 2020, "The curious case of neural text degeneration" (arXiv 1904.09751) §3.1.
/// </summary>
internal sealed class TopP(float probability) : ILogitProcessor
{
    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        candidates.ComputeWeights(out double sum);
        if (!candidates.IsSorted)
        {
            // Of n candidates, those whose probability is below (1 − p) / n have a total probability below 1 − p. Therefore none of them belongs to the
            // nucleus, and none needs to be sorted.
            double least = sum * (1.0 - probability) / candidates.Count;
            candidates.KeepAtLeast(candidates.MaxLogit + (float)Math.Log(Math.Min(1, least)));
            candidates.Sort();
        }

        ReadOnlySpan<float> weights = candidates.ComputeWeights(out _);
        double wanted = probability * sum, reached = 0;
        int count = 0;
        do
            reached += weights[count++];
        while (reached < wanted && count < weights.Length);
        candidates.KeepFirst(count);
    }
}
