using System.Collections.ObjectModel;

namespace Llama2.Evaluation;

/// <summary>The result of one example. Immutable and thread-safe.</summary>
/// <param name="Samples">
/// What the example contributes to each metric, by <see cref="TaskMetric.Key"/>. A metric to which the example does not apply is left out.
/// </param>
public sealed record EvaluationScore(IReadOnlyDictionary<string, MetricSample> Samples)
{
    /// <summary>The model's answer, for people who read the result; empty if there is none.</summary>
    public string Answer { get; init; } = "";

    /// <summary>The answers that the filters extracted, by the filters' names; several answers are joined by <c> | </c>. Default none.</summary>
    public IReadOnlyDictionary<string, string> FilteredAnswers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Whether the answer is right; null if the task does not judge single answers.</summary>
    public bool? IsCorrect { get; init; }
}
