using System.Text;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Scoring;
using Llama2.Evaluation.Scoring.Similarity;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>The metrics and aggregations that task files can name (<c>lm_eval/api/metrics.py</c>).</summary>
internal static class MetricTable
{
    private static readonly PythonRegex s_space = PythonRegex.Parse(@"\s+");

    /// <summary>The mean of squared distances, for which the harness computes no standard error.</summary>
    private static readonly MetricAggregation s_brierScore = new ResampledAggregation("brier_score", Statistic.Mean, hasError: false);

    /// <summary>The aggregations, by name.</summary>
    public static IReadOnlyDictionary<string, MetricAggregation> Aggregations { get; } = new Dictionary<string, MetricAggregation>(
        [
            .. MetricAggregation.All.Select(aggregation => KeyValuePair.Create(aggregation.Name, aggregation)),
            KeyValuePair.Create(s_brierScore.Name, s_brierScore),
            KeyValuePair.Create("nanmean", (MetricAggregation)new ResampledAggregation("nanmean", Statistic.MeanOfNumbers, hasError: false)),
        ]);

    private static readonly Dictionary<string, MetricDefinition> s_choice = new()
    {
        ["acc"] = new(MetricAggregation.Mean, true, ChoiceMetrics.Accuracy),
        ["acc_norm"] = new(MetricAggregation.Mean, true, ChoiceMetrics.NormalizedAccuracy),
        ["acc_bytes"] = new(MetricAggregation.Mean, true, ChoiceMetrics.ByteNormalizedAccuracy),
        [ChoiceMetrics.MutualInformation] = new(MetricAggregation.Mean, true, ChoiceMetrics.MutualInformationAccuracy),
        ["exact_match"] = new(MetricAggregation.Mean, true, ChoiceMetrics.ExactMatch),
        ["f1"] = new(MetricAggregation.F1, true, ChoiceMetrics.Classes),
        ["mcc"] = new(MetricAggregation.MatthewsCorrelation, true, ChoiceMetrics.Classes),
        ["brier_score"] = new(s_brierScore, false, ChoiceMetrics.BrierScore),
    };

    private static readonly Dictionary<string, MetricDefinition> s_target = new()
    {
        ["perplexity"] = new(MetricAggregation.Perplexity, false, outcome => new MetricSample(outcome.Responses[0].LogLikelihood)),
        ["acc"] = new(MetricAggregation.Mean, true, outcome => new MetricSample(outcome.Responses[0].IsGreedy ? 1 : 0)),
    };

    private static readonly Dictionary<string, MetricDefinition> s_text = new()
    {
        ["word_perplexity"] = new(MetricAggregation.WeightedPerplexity, false, outcome => Weighted(outcome, s_space.CountParts(outcome.ScoredText))),
        ["byte_perplexity"] = new(MetricAggregation.WeightedPerplexity, false, outcome => Weighted(outcome, Encoding.UTF8.GetByteCount(outcome.ScoredText))),
        ["bits_per_byte"] = new(MetricAggregation.BitsPerByte, false, outcome => Weighted(outcome, Encoding.UTF8.GetByteCount(outcome.ScoredText))),
    };

    private static readonly Dictionary<string, MetricDefinition> s_generation = CorpusSimilarity.All.ToDictionary(
        similarity => similarity.Aggregation.Name,
        similarity => new MetricDefinition(
            similarity.Aggregation, similarity.HigherIsBetter, outcome => similarity.Compare(AnswerOf(outcome), TargetsOf(outcome)), IsDegree: true));

    /// <summary>The metrics that need no options, by name.</summary>
    public static IReadOnlyDictionary<string, MetricDefinition> Of(DocumentOutput output) => output switch
    {
        DocumentOutput.MultipleChoice => s_choice,
        DocumentOutput.LogLikelihood => s_target,
        DocumentOutput.RollingLogLikelihood => s_text,
        _ => s_generation,
    };

    /// <summary>The names of the metrics that a task has if its file states none.</summary>
    public static IReadOnlyList<string> DefaultNames(DocumentOutput output) => output switch
    {
        DocumentOutput.MultipleChoice => ["acc", "acc_norm"],
        DocumentOutput.LogLikelihood => ["perplexity", "acc"],
        DocumentOutput.RollingLogLikelihood => ["word_perplexity", "byte_perplexity", "bits_per_byte"],
        _ => [ExactMatchName],
    };

    /// <summary>The metric of generated answers that has options.</summary>
    public const string ExactMatchName = "exact_match";

    /// <summary>The metric of generated answers, with its options.</summary>
    public static MetricDefinition ExactMatch(ExactMatch options) => new(
        MetricAggregation.Mean,
        true,
        outcome => new MetricSample(options.IsMatch(AnswerOf(outcome), TargetsOf(outcome)) ? 1 : 0));

    private static string AnswerOf(DocumentOutcome outcome) => outcome.Answers.Count > 0 ? outcome.Answers[0] : "";

    private static string[] TargetsOf(DocumentOutcome outcome) => [.. outcome.Target.Values.Select(value => value.ToText(outcome.Choices))];

    private static MetricSample? Weighted(DocumentOutcome outcome, int weight) => new(outcome.Responses[0].LogLikelihood, weight);
}
