namespace Llama2.Evaluation;

/// <summary>The difference of two models in one metric of a task or group. Immutable and thread-safe.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="First">The first model's value; NaN if it is not defined.</param>
/// <param name="Second">The second model's value; NaN if it is not defined.</param>
public sealed record MetricComparison(TaskMetric Metric, double First, double Second)
{
    /// <summary>The second model's value minus the first one's.</summary>
    public double Difference => Second - First;

    /// <summary>
    /// Half of the width of the 95 % confidence interval around <see cref="Difference"/>, from the differences of the examples and Student's distribution; null
    /// if there is no test.
    /// </summary>
    public double? ConfidenceRadius { get; init; }

    /// <summary>The two-sided p-value: the probability of a difference at least as large, if the models are equally good; null if there is no test.</summary>
    public double? Significance { get; init; }

    /// <summary>The test that gave <see cref="Significance"/>.</summary>
    public PairedTest Test { get; init; }

    /// <summary>The number of examples that contribute to the metric in both runs.</summary>
    public int PairCount { get; init; }

    /// <summary>The number of examples for which the first model has the greater value.</summary>
    public int FirstGreaterCount { get; init; }

    /// <summary>The number of examples for which the second model has the greater value.</summary>
    public int SecondGreaterCount { get; init; }

    /// <summary>Whether the second model is better; null if the difference is not significant at 5 %, or there is no test.</summary>
    public bool? IsSecondBetter => Significance is < 0.05 && Difference != 0 ? Difference > 0 == Metric.HigherIsBetter : null;
}
