namespace Llama2.Evaluation.Scoring;

/// <summary>The mean, with the standard error of lm-evaluation-harness (<c>mean_stderr</c>): the sample deviation divided by √n.</summary>
internal sealed class MeanAggregation() : MetricAggregation("mean")
{
    public override MetricValue Aggregate(IReadOnlyList<MetricSample> samples)
    {
        double mean = Statistic.Mean(samples);
        if (samples.Count < 2)
            return new MetricValue(mean, null);
        double squares = 0;
        foreach (MetricSample sample in samples)
            squares += (sample.Value - mean) * (sample.Value - mean);
        return new MetricValue(mean, Math.Sqrt(squares / (samples.Count - 1)) / Math.Sqrt(samples.Count));
    }
}
