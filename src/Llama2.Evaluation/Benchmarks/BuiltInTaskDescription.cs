namespace Llama2.Evaluation;

/// <summary>Describes a built-in task or group. Immutable and thread-safe.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">What is measured, the source of the definition, and how the task differs from it.</param>
public sealed record BuiltInTaskDescription(string Name, string Description)
{
    /// <summary>The names of a group's tasks and inner groups; empty for a task.</summary>
    public IReadOnlyList<string> TaskNames { get; init; } = [];

    /// <summary>The name of the task's data set on Hugging Face, such as <c>cais/mmlu</c>; empty for a group.</summary>
    public string DatasetPath { get; init; } = "";

    /// <summary>The name of the part of the data set; null if it has one part.</summary>
    public string? DatasetName { get; init; }

    /// <summary>The split that is evaluated; empty for a group.</summary>
    public string Split { get; init; } = "";

    /// <summary>The kind of requests, such as <c>multiple_choice</c>; empty for a group.</summary>
    public string OutputType { get; init; } = "";

    /// <summary>The usual number of few-shot examples before each question.</summary>
    public int FewShotCount { get; init; }
}
