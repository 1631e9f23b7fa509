namespace Llama2.Evaluation;

/// <summary>Several tasks whose results are also shown as one, such as MMLU's 57 subjects. Immutable and thread-safe.</summary>
/// <param name="Name">The name of the group.</param>
/// <param name="TaskNames">The names of its tasks, and of groups inside it.</param>
public sealed record EvaluationTaskGroup(string Name, IReadOnlyList<string> TaskNames)
{
    /// <summary>The name in tables; null if it is <see cref="Name"/>.</summary>
    public string? Alias { get; init; }

    /// <summary>The version of the group's definition. Default <c>1</c>.</summary>
    public string Version { get; init; } = "1";

    /// <summary>The names of the metrics that are averaged over the tasks, such as <c>acc</c>; default none.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>The names of the filters whose metrics are averaged; empty (the default) for all.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    /// <summary>Whether a task counts in proportion to its number of examples (the default) or all tasks have the same weight.</summary>
    public bool IsWeightedBySize { get; init; } = true;
}
