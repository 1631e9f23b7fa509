using System.Globalization;
using Llama2.Evaluation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators;

/// <summary>
/// Judges, without a model, whether an answer refuses what was asked; see <see cref="RefusalDetector"/>. The metric is one of
/// <c>compliance</c>, <c>partial_refusal</c> and <c>full_refusal</c>. A refusal is right or wrong depending on the question, so the caller states which
/// one is expected. Thread-safe.
/// </summary>
/// <param name="expected">The label that passes; null (the default) if labels are not rated.</param>
public sealed class RefusalEvaluator(RefusalLabel? expected = null) : IEvaluator
{
    /// <summary>The name of the metric.</summary>
    public const string MetricName = "Refusal";

    /// <summary>The name of the metric.</summary>
    public IReadOnlyCollection<string> EvaluationMetricNames => [MetricName];

    /// <summary>Judges the answer of a response.</summary>
    /// <param name="messages">The conversation, whose last user message is the question.</param>
    /// <param name="modelResponse">The response.</param>
    /// <param name="chatConfiguration">Not used: no model is needed.</param>
    /// <param name="additionalContext">Not used.</param>
    /// <param name="cancellationToken">Not used: the judgement takes little time.</param>
    public ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages,
        ChatResponse modelResponse,
        ChatConfiguration? chatConfiguration = null,
        IEnumerable<EvaluationContext>? additionalContext = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(modelResponse);
        RefusalVerdict verdict = RefusalDetector.Judge(JudgeEvaluator.ToQuestion(messages, modelResponse, []).Question, modelResponse.Text);
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"compliance {verdict.ComplianceProbability:P1}, partial refusal {verdict.PartialRefusalProbability:P1}, full refusal {verdict.FullRefusalProbability:P1}");
        var metric = new StringMetric(MetricName, RefusalDetector.NameOf(verdict.Label), reason);
        if (expected is { } label)
        {
            bool isFailed = verdict.Label != label;
            metric.Interpretation = new EvaluationMetricInterpretation(
                isFailed ? EvaluationRating.Unacceptable : EvaluationRating.Good, isFailed, $"Expected: {RefusalDetector.NameOf(label)}.");
        }

        return ValueTask.FromResult(new EvaluationResult(metric));
    }
}
