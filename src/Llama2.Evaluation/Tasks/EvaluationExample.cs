using System.Text.Json;

namespace Llama2.Evaluation;

/// <summary>A question of a task, and what is asked of the model to answer it. Immutable and thread-safe.</summary>
/// <param name="Index">The index in the task's set of examples.</param>
/// <param name="Document">The record of the data set from which the example was made.</param>
/// <param name="Requests">The requests, 1 or more, in a fixed order.</param>
/// <param name="Target">The correct answer, for people who read the result; empty if there is none.</param>
public sealed record EvaluationExample(int Index, JsonElement Document, IReadOnlyList<EvaluationRequest> Requests, string Target);
