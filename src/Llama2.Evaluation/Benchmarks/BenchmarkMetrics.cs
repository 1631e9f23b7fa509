using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>Metrics that several benchmarks share.</summary>
internal static class BenchmarkMetrics
{
    /// <summary>Whether the likeliest choice is right.</summary>
    public static DocumentMetric Accuracy { get; } = new(new TaskMetric("acc"), ChoiceMetrics.Accuracy);

    /// <summary>Whether the choice that is likeliest per character is right.</summary>
    public static DocumentMetric NormalizedAccuracy { get; } = new(new TaskMetric("acc_norm"), ChoiceMetrics.NormalizedAccuracy);

    public static IReadOnlyList<DocumentMetric> BothAccuracies { get; } = [Accuracy, NormalizedAccuracy];

    /// <summary>A metric whose samples the task's scorer computes.</summary>
    public static DocumentMetric OfScorer(TaskMetric metric) => new(metric, _ => null);

    /// <summary>The perplexity of a target.</summary>
    public static DocumentMetric Perplexity { get; } = new(
        new TaskMetric("perplexity") { Aggregation = MetricAggregation.Perplexity, HigherIsBetter = false },
        outcome => new MetricSample(outcome.Responses[0].LogLikelihood));

    /// <summary>Whether greedy decoding generates the target.</summary>
    public static DocumentMetric GreedyAccuracy { get; } = new(
        new TaskMetric("acc"), outcome => new MetricSample(outcome.Responses[0].IsGreedy ? 1 : 0));
}
