namespace Llama2.Evaluation;

/// <summary>The test by which a <see cref="MetricComparison"/> judges whether a difference is significant.</summary>
public enum PairedTest
{
    /// <summary>No test: the metric is not a mean over examples, or there are fewer than two pairs.</summary>
    None,

    /// <summary>The exact test of McNemar (1947), for metrics whose values are 0 and 1.</summary>
    McNemar,

    /// <summary>Student's test of paired samples, for other means.</summary>
    Student,
}
