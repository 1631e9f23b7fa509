namespace Llama2.Sampling;

/// <summary>
/// Keeps the candidates whose information content (−log probability) is closest to the entropy: as many as it takes for their probabilities to add up to p or more,
/// and at least one. This is locally typical sampling, Meister et al. 2022 (arXiv 2202.00666) §3. The likeliest candidate may be dropped.
/// </summary>
internal sealed class Typical(float probability) : ILogitProcessor
{
    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        // If several candidates are equally close to the entropy, the candidate with the lower index comes first. It has the lower id or the higher
        // logit.
        ReadOnlySpan<float> weights = candidates.ComputeWeights(out double sum);
        candidates.RentKeys(out Span<ulong> keys, out Span<ulong> sortedKeys);
        ComputeKeys(candidates, weights, sum, keys);
        keys.CopyTo(sortedKeys);
        sortedKeys.Sort();

        double wanted = probability * sum, reached = 0;
        int count = 0;
        do
            reached += weights[(int)(uint)sortedKeys[count++]];
        while (reached < wanted && count < sortedKeys.Length);
        candidates.KeepAtMost(keys, sortedKeys[count - 1]);
    }

    // A key consists of the distance from the entropy, followed by the index. The distance is never negative, so its bits ascend with its value.
    private static void ComputeKeys(TokenCandidates candidates, ReadOnlySpan<float> weights, double sum, Span<ulong> keys)
    {
        Span<float> logits = candidates.Logits;
        double logSum = candidates.MaxLogit + Math.Log(sum), entropy = candidates.ComputeEntropy(weights, sum);
        for (int i = 0; i < weights.Length; i++)
        {
            float distance = (float)Math.Abs(logSum - logits[i] - entropy);
            keys[i] = (ulong)BitConverter.SingleToUInt32Bits(distance) << 32 | (uint)i;
        }
    }
}
