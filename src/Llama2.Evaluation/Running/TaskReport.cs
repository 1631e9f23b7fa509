namespace Llama2.Evaluation;

/// <summary>The results of a task. Immutable and thread-safe.</summary>
/// <param name="Info">What the task is.</param>
/// <param name="Metrics">The metrics' values, in the task's order.</param>
/// <param name="Examples">The results of the examples, in the task's order.</param>
/// <param name="TotalExampleCount">The number of examples that the task has; more than were computed if the run was limited.</param>
public sealed record TaskReport(EvaluationTaskInfo Info, IReadOnlyList<MetricResult> Metrics, IReadOnlyList<ExampleResult> Examples, int TotalExampleCount);
