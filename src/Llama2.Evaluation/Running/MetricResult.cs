namespace Llama2.Evaluation;

/// <summary>The value of a metric in a report. Immutable and thread-safe.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Value">The value; NaN if no example contributes to the metric.</param>
/// <param name="StandardError">The standard error; null if none is defined.</param>
/// <param name="SampleCount">The number of examples that contribute to the metric.</param>
public sealed record MetricResult(TaskMetric Metric, double Value, double? StandardError, int SampleCount);
