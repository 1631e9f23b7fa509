namespace Llama2.Evaluation.Tasks;

/// <summary>A metric and its computation for one example.</summary>
/// <param name="Metric">The metric; its filter is that of generated answers.</param>
/// <param name="Compute">
/// Computes the example's contribution; null if the metric does not apply to the example.
/// </param>
internal sealed record DocumentMetric(TaskMetric Metric, Func<DocumentOutcome, MetricSample?> Compute);
