namespace Llama2.Evaluation;

/// <summary>Tasks that are run together, and the groups by which their results are summed up. Immutable and thread-safe.</summary>
/// <param name="Tasks">The tasks, 1 or more, with different names.</param>
/// <param name="Groups">The groups of these tasks; empty if there are none.</param>
public sealed record EvaluationTaskSet(IReadOnlyList<IEvaluationTask> Tasks, IReadOnlyList<EvaluationTaskGroup> Groups);
