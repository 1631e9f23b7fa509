namespace Llama2.Evaluation;

/// <summary>What one example contributes to a metric.</summary>
/// <param name="Value">
/// The example's value, such as 1 for a right answer; for <see cref="MetricAggregation.F1"/> and <see cref="MetricAggregation.MatthewsCorrelation"/> the
/// index of the correct class.
/// </param>
/// <param name="Weight">
/// For weighted aggregations the weight, such as the number of words of a text; for <see cref="MetricAggregation.F1"/> and
/// <see cref="MetricAggregation.MatthewsCorrelation"/> the index of the predicted class. Other aggregations ignore it. Default 1.
/// </param>
public readonly record struct MetricSample(double Value, double Weight = 1)
{
    /// <summary>The counts that are added up over all examples, for metrics that are not computed from <see cref="Value"/>; null for others.</summary>
    internal double[]? Counts { get; init; }
}
