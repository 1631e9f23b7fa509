using System.Globalization;
using Llama2.Guard;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators;

/// <summary>
/// Judges with a guard, offline, whether the user's message and the answer are safe: two metrics, each true if the text is safe. The reason names the
/// violated categories. Thread-safe if the guard is.
/// </summary>
/// <param name="guard">The guard, such as a <see cref="RuleGuard"/>.</param>
public sealed class GuardEvaluator(IContentGuard guard) : IEvaluator
{
    /// <summary>The name of the metric for the user's last message.</summary>
    public const string InputMetricName = "Safe input";

    /// <summary>The name of the metric for the answer.</summary>
    public const string OutputMetricName = "Safe output";
    private readonly IContentGuard _guard = guard ?? throw new ArgumentNullException(nameof(guard));

    /// <summary>The names of the two metrics.</summary>
    public IReadOnlyCollection<string> EvaluationMetricNames => [InputMetricName, OutputMetricName];

    /// <summary>Judges the user's last message and the answer of a response.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="modelResponse">The response.</param>
    /// <param name="chatConfiguration">Not used: the guard has its own model, or none.</param>
    /// <param name="additionalContext">Not used.</param>
    /// <param name="cancellationToken">Ends the evaluation.</param>
    /// <exception cref="LlamaException">The guard cannot judge.</exception>
    public async ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages,
        ChatResponse modelResponse,
        ChatConfiguration? chatConfiguration = null,
        IEnumerable<EvaluationContext>? additionalContext = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(modelResponse);
        var input = new BooleanMetric(InputMetricName);
        var output = new BooleanMetric(OutputMetricName);
        List<LlamaMessage> conversation = [];
        if (messages.TryGetUserRequest(out ChatMessage? request))
        {
            conversation.Add(LlamaMessage.User(request.Text));
            Fill(input, await _guard.JudgeAsync(new GuardRequest(conversation), cancellationToken).ConfigureAwait(false));
        }
        else
        {
            input.AddDiagnostics(EvaluationDiagnostic.Informational("The conversation does not end with a user's message, so only the answer was judged."));
        }

        conversation.Add(LlamaMessage.Assistant(modelResponse.Text));
        Fill(output, await _guard.JudgeAsync(new GuardRequest(conversation), cancellationToken).ConfigureAwait(false));
        return new EvaluationResult(input, output);
    }

    private static void Fill(BooleanMetric metric, GuardVerdict verdict)
    {
        metric.Value = verdict.IsSafe;
        metric.Reason = verdict.Probability is { } probability ? string.Create(CultureInfo.InvariantCulture, $"{verdict}, probability of unsafe {probability:P1}") : verdict.ToString();
        metric.Interpretation = new EvaluationMetricInterpretation(
            verdict.IsSafe ? EvaluationRating.Exceptional : EvaluationRating.Unacceptable, failed: !verdict.IsSafe, metric.Reason);
    }
}
