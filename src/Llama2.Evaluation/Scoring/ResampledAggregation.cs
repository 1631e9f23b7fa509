namespace Llama2.Evaluation.Scoring;

/// <summary>
/// A statistic whose standard error is the standard deviation of its values over resampled sets of examples (bootstrap; Efron 1979). The harness
/// resamples up to 100,000 times with Python's generator; here the number is smaller and the generator is .NET's with a fixed seed, so errors differ
/// in their second or third digit.
/// </summary>
/// <param name="name">The name of the aggregation.</param>
/// <param name="statistic">Computes the statistic.</param>
/// <param name="hasError">Whether a standard error is computed.</param>
internal sealed class ResampledAggregation(string name, Func<IReadOnlyList<MetricSample>, double> statistic, bool hasError = true) : MetricAggregation(name)
{
    // 1,000 resamples give the standard error to about 2 % of itself.
    private const int ResampleCount = 1000;
    // Limits the work for large sets: at most this many samples are drawn in total.
    private const long MaxDrawCount = 20_000_000;
    private const int Seed = 1234;

    public override MetricValue Aggregate(IReadOnlyList<MetricSample> samples)
    {
        double value = samples.Count == 0 ? double.NaN : statistic(samples);
        if (!hasError || samples.Count < 2)
            return new MetricValue(value, null);
        var random = new Random(Seed);
        int count = (int)Math.Clamp(MaxDrawCount / samples.Count, 100, ResampleCount);
        var resample = new MetricSample[samples.Count];
        var values = new MetricSample[count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < resample.Length; j++)
                resample[j] = samples[random.Next(samples.Count)];
            values[i] = new MetricSample(statistic(resample));
        }

        return new MetricValue(value, Statistic.Deviation(values, Statistic.Mean(values)));
    }
}
