namespace Llama2.Server.Monitoring;

/// <summary>The measurements of a metric with certain labels. The family's lock protects it.</summary>
/// <param name="labels">The labels, as Prometheus writes them.</param>
/// <param name="bucketCount">The number of buckets of a histogram, including the last, which has no upper boundary; 0 for other kinds.</param>
internal sealed class MetricSeries(string labels, int bucketCount)
{
    private readonly long[] _buckets = new long[bucketCount];

    public string Labels => labels;

    /// <summary>The value or, of a histogram, the sum of its values.</summary>
    public double Value { get; set; }

    /// <summary>How many values each bucket of a histogram has.</summary>
    public Span<long> Buckets => _buckets;

    /// <summary>A copy that later measurements do not change.</summary>
    public MetricSeries Copy()
    {
        var copy = new MetricSeries(labels, bucketCount) { Value = Value };
        _buckets.CopyTo(copy._buckets, 0);
        return copy;
    }
}
