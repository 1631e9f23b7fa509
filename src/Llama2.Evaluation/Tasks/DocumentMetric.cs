namespace Llama2.Evaluation.Tasks;

/// <summary>A metric and its computation for one example.</summary>
/// <param name="Metric">The metric; its filter is the filter of generated answers.</param>
/// <param name="Compute">
/// Computes the example's contribution; null if the metric does not apply to the example.
/// </param>
/// <param name="IsDegree">Whether the value is a degree, such as a similarity, which does not show whether an answer is right.</param>
internal sealed record DocumentMetric(TaskMetric Metric, Func<DocumentOutcome, MetricSample?> Compute, bool IsDegree = false);
