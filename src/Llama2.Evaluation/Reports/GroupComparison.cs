namespace Llama2.Evaluation;

/// <summary>The differences of two models on a group of tasks. Immutable and thread-safe.</summary>
/// <param name="Group">The group.</param>
/// <param name="Metrics">The differences of the metrics; tests are made over all examples of the group if it is weighted by size.</param>
public sealed record GroupComparison(EvaluationTaskGroup Group, IReadOnlyList<MetricComparison> Metrics);
