namespace Llama2.Evaluation;

/// <summary>The value of a metric over a set of examples.</summary>
/// <param name="Value">The value; NaN if it is not defined, for example over no examples.</param>
/// <param name="StandardError">
/// The standard error of <paramref name="Value"/>; null if the aggregation defines none, or if there are fewer than two examples.
/// </param>
public readonly record struct MetricValue(double Value, double? StandardError);
