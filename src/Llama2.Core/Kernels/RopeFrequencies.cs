namespace Llama2.Kernels;

/// <summary>
/// The angle per position by which each pair i of a head is rotated: θ^(−2i / head length), divided by the pair's factor, and scaled for a longer
/// context. The object also has the factor by which the length of all pairs is multiplied. Computed once for each model. Immutable.
/// </summary>
internal sealed class RopeFrequencies
{
    /// <param name="headLength">The number of elements of a head; even.</param>
    /// <param name="theta">The base of the frequencies, 1 or more.</param>
    /// <param name="scaling">How the frequencies are scaled.</param>
    /// <param name="contextLength">The context length that the model was trained for, in tokens; it is YaRN's original context if the scaling states none.</param>
    /// <param name="factors">A factor for each pair, above 0; null means that all factors are 1.</param>
    public RopeFrequencies(int headLength, float theta, RopeScaling scaling, int contextLength, float[]? factors = null)
    {
        double scale = scaling.Factor;
        double stretchedTheta = scaling.Type == RopeScalingType.NtkAware ? theta * Math.Pow(scale, headLength / (headLength - 2.0)) : theta;
        (double fastest, double width) = RampOfYarn(headLength, theta, scaling, scaling.OriginalContextLength ?? contextLength);
        Values = new double[headLength / 2];
        for (int i = 0; i < Values.Length; i++)
        {
            double frequency = Math.Pow(stretchedTheta, -2.0 * i / headLength) / (factors is null ? 1 : factors[i]);
            double interpolated = frequency / scale;
            double kept = scaling.ExtrapolationFactor * (1 - Math.Clamp((i - fastest) / width, 0, 1));
            Values[i] = scaling.Type switch
            {
                RopeScalingType.Linear => interpolated,
                // With the expression in this form, a scaling factor of 1 leaves every bit of the frequency unchanged.
                RopeScalingType.Yarn => interpolated + (frequency - interpolated) * kept,
                _ => frequency,
            };
        }

        // The attention temperature of Peng et al. §3.4: multiplying both queries and keys by a factor multiplies their products by the square of the factor,
        // which replaces the division by the temperature.
        bool hasTemperature = scaling.Type == RopeScalingType.Yarn && scaling.ExtrapolationFactor > 0;
        Magnitude = scaling.AttentionFactor * (hasTemperature ? 1 + 0.1 * Math.Log(scale) : 1);
    }

    /// <summary>The rotation of each pair of a head, in radians per position.</summary>
    public double[] Values { get; }

    /// <summary>The factor by which the length of pairs is multiplied.</summary>
    public double Magnitude { get; }

    // The ramp of pairs over which YaRN changes from the original frequencies to interpolated ones (Peng et al. 2023, arXiv 2309.00071, §3.2): its
    // first pair, and its width. A pair that makes β turns over the original context L has the index d · ln(L / 2πβ) / (2 ln θ), where d is the head
    // length. The index is rounded outwards as in the authors' code, or not rounded, as in transformers with "truncate": false.
    private static (double Fastest, double Width) RampOfYarn(int headLength, double theta, RopeScaling scaling, int originalContextLength)
    {
        double fastest = PairThatTurns(scaling.BetaFast), slowest = PairThatTurns(scaling.BetaSlow);
        if (scaling.TruncatesRamp)
        {
            (fastest, slowest) = (Math.Floor(fastest), Math.Ceiling(slowest));
        }

        // The upper limit is beyond all pairs; its only purpose is to exclude infinity, which is the result for a base of 1.
        fastest = Math.Clamp(fastest, 0, headLength);
        double width = Math.Min(headLength - 1, slowest) - fastest;
        // A ramp of width 0 gets the width 0.001, which makes it a step. llama.cpp does so with every ramp narrower than 0.001. If both ends are whole pairs,
        // only a ramp of width 0 is narrower than 0.001.
        return (fastest, scaling.TruncatesRamp ? Math.Max(0.001, width) : width == 0 ? 0.001 : width);

        double PairThatTurns(double count) => headLength * Math.Log(originalContextLength / (2 * Math.PI * count)) / (2 * Math.Log(theta));
    }
}
