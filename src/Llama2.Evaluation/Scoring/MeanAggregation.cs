namespace Llama2.Evaluation.Scoring;

/// <summary>The mean, with the standard error of lm-evaluation-harness (<c>mean_stderr</c>): the sample deviation divided by √n.</summary>
internal sealed class MeanAggregation() : MetricAggregation("mean")
{
    public override MetricValue Aggregate(IReadOnlyList<MetricSample> samples)
    {
        double mean = Statistic.Mean(samples);
        return new MetricValue(mean, samples.Count < 2 ? null : Statistic.Deviation(samples, mean) / Math.Sqrt(samples.Count));
    }
}
