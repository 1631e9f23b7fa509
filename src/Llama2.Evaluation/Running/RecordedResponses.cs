namespace Llama2.Evaluation;

/// <summary>Recorded responses to all requests of a task. Immutable and thread-safe.</summary>
/// <param name="Task">The task.</param>
/// <param name="Responses">For each example of the task, in its order, the responses to its requests, in their order.</param>
public sealed record RecordedResponses(IEvaluationTask Task, IReadOnlyList<IReadOnlyList<EvaluationResponse>> Responses);
