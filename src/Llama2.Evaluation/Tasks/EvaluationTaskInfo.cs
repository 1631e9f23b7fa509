using System.Text.Json;

namespace Llama2.Evaluation;

/// <summary>What a task is, as reports show it. Immutable and thread-safe.</summary>
/// <param name="Name">The name of the task, such as <c>mmlu_anatomy</c>.</param>
public sealed record EvaluationTaskInfo(string Name)
{
    /// <summary>The name in tables; null if it is <see cref="Name"/>.</summary>
    public string? Alias { get; init; }

    /// <summary>The version of the task's definition; results of different versions must not be compared. Default <c>1</c>.</summary>
    public string Version { get; init; } = "1";

    /// <summary>What the task measures, the source of its definition, and how the task differs from it; empty for nothing.</summary>
    public string Description { get; init; } = "";

    /// <summary>The kind of requests: <c>multiple_choice</c>, <c>loglikelihood</c>, <c>loglikelihood_rolling</c> or <c>generate_until</c>.</summary>
    public string OutputType { get; init; } = "";

    /// <summary>The number of few-shot examples before each question, 0 or more.</summary>
    public int FewShotCount { get; init; }

    /// <summary>The names of the tags of the task, by which several tasks are chosen at once.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The whole definition, for reports; undefined if there is none.</summary>
    public JsonElement Configuration { get; init; }
}
