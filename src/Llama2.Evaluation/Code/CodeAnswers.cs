namespace Llama2.Evaluation;

/// <summary>What a model wrote for a programming task. Immutable.</summary>
/// <param name="Task">The task.</param>
/// <param name="Completions">The continuations of the task's prompt, 1 or more.</param>
public sealed record CodeAnswers(CodeTask Task, IReadOnlyList<string> Completions);
