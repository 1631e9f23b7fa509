namespace Llama2.Evaluation;

/// <summary>The differences of two models on one task. Immutable and thread-safe.</summary>
/// <param name="First">The first model's results.</param>
/// <param name="Second">The second model's results, of the same examples in the same order.</param>
/// <param name="Metrics">The differences of the metrics that both runs have.</param>
public sealed record TaskComparison(TaskReport First, TaskReport Second, IReadOnlyList<MetricComparison> Metrics)
{
    /// <summary>
    /// The positions of the examples that exactly one model answers right, in their order; empty if the task does not judge single answers.
    /// </summary>
    public IReadOnlyList<int> DifferentExamples
        => [.. Enumerable.Range(0, First.Examples.Count).Where(i => First.Examples[i].Score.IsCorrect is { } first && Second.Examples[i].Score.IsCorrect is { } second && first != second)];
}
