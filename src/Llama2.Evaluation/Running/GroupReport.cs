namespace Llama2.Evaluation;

/// <summary>The results of a group of tasks. Immutable and thread-safe.</summary>
/// <param name="Group">The group.</param>
/// <param name="Metrics">The metrics' values over all its tasks.</param>
/// <param name="TaskNames">The names of the tasks, including those of inner groups.</param>
public sealed record GroupReport(EvaluationTaskGroup Group, IReadOnlyList<MetricResult> Metrics, IReadOnlyList<string> TaskNames);
