using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>Metrics that several benchmarks share.</summary>
internal static class BenchmarkMetrics
{
    public static DocumentMetric Accuracy { get; } = new(new EvaluationMetric("acc"), ChoiceMetrics.Accuracy);

    public static DocumentMetric NormalizedAccuracy { get; } = new(new EvaluationMetric("acc_norm"), ChoiceMetrics.NormalizedAccuracy);

    public static IReadOnlyList<DocumentMetric> BothAccuracies { get; } = [Accuracy, NormalizedAccuracy];
}
