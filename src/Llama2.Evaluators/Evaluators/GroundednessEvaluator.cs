using System.Globalization;
using Llama2.Evaluation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators;

/// <summary>
/// Lets a Llama judge, offline, whether an answer is supported by a text, its <see cref="GroundingContext"/>. The metric is the probability of "yes", 0 to
/// 1. Without a context the metric has no value and a diagnostic. Thread-safe.
/// </summary>
public sealed class GroundednessEvaluator : IEvaluator
{
    /// <summary>The name of the metric.</summary>
    public const string MetricName = "Groundedness";
    private readonly LlamaJudge _judge;
    private readonly double _threshold;

    /// <summary>Initializes the evaluator.</summary>
    /// <param name="model">A chat model; the caller disposes it.</param>
    /// <param name="threshold">The probability below which the metric has failed, 0 to 1; default 0.5.</param>
    /// <param name="options">How the model judges; null for the defaults.</param>
    public GroundednessEvaluator(ILlamaModel model, double threshold = 0.5, LlamaJudgeOptions? options = null)
    {
        if (threshold is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "It must be from 0 to 1.");
        _judge = new LlamaJudge(model, JudgeRubric.Groundedness, options);
        _threshold = threshold;
    }

    /// <summary>The name of the metric.</summary>
    public IReadOnlyCollection<string> EvaluationMetricNames => [MetricName];

    /// <summary>Judges the answer of a response.</summary>
    /// <param name="messages">The conversation, whose last user message is the question.</param>
    /// <param name="modelResponse">The response.</param>
    /// <param name="chatConfiguration">Not used: the judge has its own model.</param>
    /// <param name="additionalContext">Contains the <see cref="GroundingContext"/>.</param>
    /// <param name="cancellationToken">Ends the evaluation.</param>
    /// <exception cref="LlamaException">The model cannot compute the verdict.</exception>
    public async ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages,
        ChatResponse modelResponse,
        ChatConfiguration? chatConfiguration = null,
        IEnumerable<EvaluationContext>? additionalContext = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(modelResponse);
        EvaluationContext[] contexts = [.. additionalContext ?? []];
        var metric = new NumericMetric(MetricName);
        if (contexts.OfType<GroundingContext>().FirstOrDefault() is not { } grounding)
        {
            metric.AddDiagnostics(EvaluationDiagnostic.Error($"There is no {nameof(GroundingContext)} among the additional contexts, so there is nothing on which the answer could rest."));
            return new EvaluationResult(metric);
        }

        JudgeVerdict verdict = await _judge.JudgeAsync(JudgeEvaluator.ToQuestion(messages, modelResponse, [grounding]), cancellationToken).ConfigureAwait(false);
        double probability = verdict.Probabilities[0];
        metric.Value = probability;
        metric.Reason = verdict.Reasons.Length == 0 ? null : verdict.Reasons;
        bool isFailed = probability < _threshold;
        metric.Interpretation = new EvaluationMetricInterpretation(
            isFailed ? EvaluationRating.Unacceptable : EvaluationRating.Good,
            isFailed,
            string.Create(CultureInfo.InvariantCulture, $"The judge finds the answer supported with a probability of {probability:P1}; the threshold is {_threshold:P0}."));
        metric.AddOrUpdateContext(grounding);
        return new EvaluationResult(metric);
    }
}
