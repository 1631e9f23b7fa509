namespace Llama2.Evaluation.Benchmarks;

/// <summary>A built-in group of tasks.</summary>
/// <param name="Group">The group.</param>
/// <param name="Description">What its tasks measure.</param>
internal sealed record BenchmarkGroup(EvaluationTaskGroup Group, string Description)
{
    public string Name => Group.Name;

    /// <summary>Whether tasks whose data are not in the folder are left out, if there are others; the group's name in reports then says so.</summary>
    public bool LeavesOutMissing { get; init; }
}
