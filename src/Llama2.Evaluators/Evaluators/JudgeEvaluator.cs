using System.Globalization;
using Llama2.Evaluation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators;

/// <summary>
/// Lets a Llama judge answers by a rubric, offline (see <see cref="LlamaJudge"/>). The metric is the rubric's label; the reason has the probability of each
/// label. The last user message is the question; a <see cref="GroundingContext"/> and a <see cref="ReferenceAnswerContext"/> are shown to the judge.
/// Thread-safe.
/// </summary>
/// <param name="judge">The judge.</param>
/// <param name="rubric">The judge's rubric.</param>
/// <param name="interpret">Rates a verdict; null if verdicts are not rated.</param>
public sealed class JudgeEvaluator(LlamaJudge judge, JudgeRubric rubric, Func<JudgeVerdict, EvaluationMetricInterpretation>? interpret = null) : IEvaluator
{
    private readonly LlamaJudge _judge = judge ?? throw new ArgumentNullException(nameof(judge));
    private readonly JudgeRubric _rubric = rubric ?? throw new ArgumentNullException(nameof(rubric));

    /// <summary>The name of the rubric.</summary>
    public IReadOnlyCollection<string> EvaluationMetricNames => [_rubric.Name];

    /// <summary>Judges the last answer of a response.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="modelResponse">The response.</param>
    /// <param name="chatConfiguration">Not used: the judge has its own model.</param>
    /// <param name="additionalContext">What else the judge is shown.</param>
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
        JudgeVerdict verdict = await _judge.JudgeAsync(ToQuestion(messages, modelResponse, contexts), cancellationToken).ConfigureAwait(false);
        var metric = new StringMetric(_rubric.Name, verdict.Label, Explain(verdict)) { Interpretation = interpret?.Invoke(verdict) };
        metric.AddOrUpdateContext(contexts);
        return new EvaluationResult(metric);
    }

    internal static JudgeQuestion ToQuestion(IEnumerable<ChatMessage> messages, ChatResponse response, IReadOnlyList<EvaluationContext> contexts)
    {
        string question = messages.TryGetUserRequest(out ChatMessage? request) ? request.Text : "";
        return new JudgeQuestion(question, response.Text)
        {
            Context = contexts.OfType<GroundingContext>().FirstOrDefault()?.Text,
            Reference = contexts.OfType<ReferenceAnswerContext>().FirstOrDefault() is { } reference ? string.Join("\nor\n", reference.Answers) : null,
        };
    }

    private string Explain(JudgeVerdict verdict)
    {
        string shares = string.Join(", ", _rubric.Labels.Select((label, i) => string.Create(CultureInfo.InvariantCulture, $"{label} {verdict.Probabilities[i]:P1}")));
        return verdict.Reasons.Length == 0 ? shares : $"{shares}. {verdict.Reasons}";
    }
}
