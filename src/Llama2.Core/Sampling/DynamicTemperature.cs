namespace Llama2.Sampling;

/// <summary>
/// A temperature that is low where the model is certain of the next token, and high where it is uncertain. The ratio of the entropy to the maximum
/// entropy, raised to the power of an exponent, is a number from 0 to 1. That number determines where the temperature lies between temperature −
/// range (at least 0) and temperature + range, as in llama.cpp.
/// </summary>
internal sealed class DynamicTemperature(float temperature, float range, float exponent) : ILogitProcessor
{
    // The lowest temperature is above 0 to avoid a division by 0. At this temperature, only the candidates with the highest logit can be drawn.
    private const float Least = 1e-38f;

    public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
    {
        if (candidates.Count > 1)
            Temperature.Divide(candidates, Choose(candidates));
    }

    private float Choose(TokenCandidates candidates)
    {
        ReadOnlySpan<float> weights = candidates.ComputeWeights(out double sum);
        // Because of rounding, the ratio may exceed 1 for a flat distribution.
        double share = Math.Clamp(candidates.ComputeEntropy(weights, sum) / Math.Log(candidates.Count), 0, 1);
        double lowest = Math.Max(0, (double)temperature - range), highest = (double)temperature + range;
        return Math.Max(Least, (float)(lowest + (highest - lowest) * Math.Pow(share, exponent)));
    }
}
