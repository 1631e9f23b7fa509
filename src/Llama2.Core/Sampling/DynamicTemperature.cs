namespace Llama2.Sampling;

/// <summary>
/// A temperature that is low where the model is sure and high where it is not: from temperature - range, at least 0, to temperature + range,
/// as (entropy / greatest possible entropy) to the power of an exponent goes from 0 to 1. As llama.cpp has it.
/// </summary>
internal sealed class DynamicTemperature(float temperature, float range, float exponent) : ILogitProcessor
{
    // At 0 one would divide by it; this leaves the likeliest and its equals, as 0 should.
    private const float Least = 1e-38f;

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        if (candidates.Count > 1)
            Temperature.Divide(candidates, Choose(candidates));
    }

    private float Choose(TokenCandidates candidates)
    {
        ReadOnlySpan<float> weights = candidates.ComputeWeights(out double sum);
        // Rounding may carry the share of a flat distribution past 1.
        double share = Math.Clamp(candidates.ComputeEntropy(weights, sum) / Math.Log(candidates.Count), 0, 1);
        double lowest = Math.Max(0, (double)temperature - range), highest = (double)temperature + range;
        return Math.Max(Least, (float)(lowest + (highest - lowest) * Math.Pow(share, exponent)));
    }
}
