using Llama2.Evaluators.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators;

/// <summary>
/// Compares answers with right answers, a <see cref="ReferenceAnswerContext"/>, without a model: whether the answer is the same text, whether it contains a
/// right answer, and the F1 score of their words. Texts are first normalized as SQuAD's evaluation script does: case, punctuation, the articles "a",
/// "an" and "the", and extra white space do not count (Rajpurkar et al. 2016, arXiv 1606.05250). With several right answers, the best figure counts. Thread-safe.
/// </summary>
public sealed class ReferenceAnswerEvaluator : IEvaluator
{
    /// <summary>The name of the metric that states whether the answer is the same text as a right answer.</summary>
    public const string ExactMatchMetricName = "Exact match";

    /// <summary>The name of the metric that states whether the answer contains a right answer.</summary>
    public const string ContainsMetricName = "Contains reference";

    /// <summary>The name of the metric with the F1 score of the words, 0 to 1.</summary>
    public const string F1MetricName = "F1";

    /// <summary>The names of the three metrics.</summary>
    public IReadOnlyCollection<string> EvaluationMetricNames => [ExactMatchMetricName, ContainsMetricName, F1MetricName];

    /// <summary>Compares the answer of a response.</summary>
    /// <param name="messages">The conversation, which is not used.</param>
    /// <param name="modelResponse">The response.</param>
    /// <param name="chatConfiguration">Not used: no model is needed.</param>
    /// <param name="additionalContext">Contains the <see cref="ReferenceAnswerContext"/>.</param>
    /// <param name="cancellationToken">Not used: the comparison takes little time.</param>
    public ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages,
        ChatResponse modelResponse,
        ChatConfiguration? chatConfiguration = null,
        IEnumerable<EvaluationContext>? additionalContext = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(modelResponse);
        var exact = new BooleanMetric(ExactMatchMetricName);
        var contains = new BooleanMetric(ContainsMetricName);
        var f1 = new NumericMetric(F1MetricName);
        var result = new EvaluationResult(exact, contains, f1);
        if (additionalContext?.OfType<ReferenceAnswerContext>().FirstOrDefault() is not { } reference)
        {
            result.AddDiagnosticsToAllMetrics(EvaluationDiagnostic.Error($"There is no {nameof(ReferenceAnswerContext)} among the additional contexts, so there is nothing to compare the answer with."));
            return ValueTask.FromResult(result);
        }

        var answer = new NormalizedAnswer(modelResponse.Text);
        NormalizedAnswer[] references = [.. reference.Answers.Select(text => new NormalizedAnswer(text))];
        exact.Value = references.Any(answer.Equals);
        contains.Value = references.Any(answer.Contains);
        f1.Value = references.Max(answer.F1With);
        exact.Interpretation = contains.Interpretation = new EvaluationMetricInterpretation(
            contains.Value == true ? EvaluationRating.Good : EvaluationRating.Unacceptable, failed: contains.Value != true);
        result.AddOrUpdateContextInAllMetrics(reference);
        return ValueTask.FromResult(result);
    }
}
