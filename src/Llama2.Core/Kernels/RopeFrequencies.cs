namespace Llama2.Kernels;

/// <summary>
/// The angle by which a position turns each pair of a head, θ^(−2i / head length) ÷ the pair's factor, stretched over a longer context, and
/// the length that pairs are given. Computed once a model. Immutable.
/// </summary>
internal sealed class RopeFrequencies
{
    /// <param name="headLength">Elements of a head; even.</param>
    /// <param name="theta">The base of the frequencies, 1 or more.</param>
    /// <param name="scaling">How they are stretched.</param>
    /// <param name="contextLength">Tokens that the model was trained for: YaRN's original context where the scaling names none.</param>
    /// <param name="factors">One a pair, above 0; null divides by nothing.</param>
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
                // Written so that a factor of 1 changes no bit.
                RopeScalingType.Yarn => interpolated + (frequency - interpolated) * kept,
                _ => frequency,
            };
        }

        // The attention temperature of Peng et al. §3.4: lengthening queries and keys by its root is dividing their products by it.
        bool hasTemperature = scaling.Type == RopeScalingType.Yarn && scaling.ExtrapolationFactor > 0;
        Magnitude = scaling.AttentionFactor * (hasTemperature ? 1 + 0.1 * Math.Log(scale) : 1);
    }

    /// <summary>Radians a position for each pair of a head.</summary>
    public double[] Values { get; }

    /// <summary>Pairs become this many times as long.</summary>
    public double Magnitude { get; }

    // From a pair on, and over as many as the ramp is wide, YaRN goes over from own frequencies to interpolated ones (Peng et al. 2023, arXiv
    // 2309.00071, §3.2): a pair that turns β times over the original context L is number d · ln(L / 2πβ) / (2 ln θ), rounded outwards as in the
    // authors' code, or not at all, as transformers has it with "truncate": false.
    private static (double Fastest, double Width) RampOfYarn(int headLength, double theta, RopeScaling scaling, int originalContextLength)
    {
        double fastest = PairThatTurns(scaling.BetaFast), slowest = PairThatTurns(scaling.BetaSlow);
        if (scaling.TruncatesRamp)
        {
            (fastest, slowest) = (Math.Floor(fastest), Math.Ceiling(slowest));
        }

        // The upper limit, behind all pairs, only keeps infinity out, which a base of 1 leads to.
        fastest = Math.Clamp(fastest, 0, headLength);
        double width = Math.Min(headLength - 1, slowest) - fastest;
        // A ramp of no width is a step. llama.cpp makes one of every ramp below 0.001, and whole pairs have none between.
        return (fastest, scaling.TruncatesRamp ? Math.Max(0.001, width) : width == 0 ? 0.001 : width);

        double PairThatTurns(double count) => headLength * Math.Log(originalContextLength / (2 * Math.PI * count)) / (2 * Math.Log(theta));
    }
}
