using System.Text;

namespace Llama2.Evaluation;

/// <summary>
/// A model that judges answers (Zheng et al. 2023, arXiv 2306.05685). Its verdict is one of the rubric's labels, whatever the model would write: the
/// likelihoods of all labels are computed, and the likeliest is the verdict. So no text has to be interpreted, the same answer always gets the same
/// verdict, and each verdict has a probability. Thread-safe.
/// </summary>
/// <remarks>
/// Small models judge badly: compare the verdicts with those of people on a sample of your own before you rely on them. Models prefer long answers and
/// answers in their own style.
/// </remarks>
public sealed class LlamaJudge
{
    private readonly ModelBackend _backend;
    private readonly JudgeRubric _rubric;
    private readonly LlamaJudgeOptions _options;

    /// <summary>Initializes the judge.</summary>
    /// <param name="model">A chat model; the caller disposes it.</param>
    /// <param name="rubric">What to judge.</param>
    /// <param name="options">How to judge; null for the defaults.</param>
    public LlamaJudge(ILlamaModel model, JudgeRubric rubric, LlamaJudgeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rubric);
        _options = options ?? new LlamaJudgeOptions();
        _backend = new ModelBackend(model, _options.Backend);
        _rubric = rubric;
    }

    /// <summary>Judges an answer.</summary>
    /// <param name="question">The answer, with what belongs to it.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <exception cref="LlamaException">The model cannot compute the verdict.</exception>
    /// <exception cref="PromptFormatException">The model's prompt format is not known.</exception>
    public async Task<JudgeVerdict> JudgeAsync(JudgeQuestion question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        List<LlamaMessage> messages = [LlamaMessage.User(PromptOf(question))];
        string reasons = "";
        if (_options.MaxReasonTokens > 0)
        {
            messages[0] = LlamaMessage.User($"{PromptOf(question)}\nFirst give your reasons in a few sentences.");
            EvaluationResponse response = await _backend.AnswerAsync(
                new GenerationRequest(new EvaluationPrompt(messages)) { MaxTokens = _options.MaxReasonTokens }, cancellationToken).ConfigureAwait(false);
            reasons = (response.Text ?? "").Trim();
            messages.Add(LlamaMessage.Assistant(reasons.Length == 0 ? "I have no reasons to give." : reasons));
            messages.Add(LlamaMessage.User($"So what is your verdict? Answer with one of these and nothing else: {Labels()}."));
        }

        EvaluationResponse[] responses = await Task.WhenAll(_rubric.Labels.Select(
            label => _backend.AnswerAsync(new LogLikelihoodRequest(new EvaluationPrompt(messages), label), cancellationToken))).ConfigureAwait(false);
        return JudgeVerdict.Of(_rubric.Labels, [.. responses.Select(response => response.LogLikelihood)], reasons);
    }

    private string PromptOf(JudgeQuestion question)
    {
        var text = new StringBuilder("Judge an answer.\n\n");
        Append("Context", question.Context);
        Append("Question", question.Question);
        Append("Reference answer", question.Reference);
        Append("Answer", question.Answer);
        text.Append(_rubric.Instruction);
        if (_options.MaxReasonTokens == 0)
            text.Append(" Answer with one of these and nothing else: ").Append(Labels()).Append('.');
        return text.ToString();

        // Each line of a judged text begins with a mark, as in a quotation, so the text cannot contain a heading or an instruction of the prompt.
        void Append(string name, string? value)
        {
            if (value is not null)
                text.Append(name).Append(":\n> ").Append(value.ReplaceLineEndings("\n").Replace("\n", "\n> ", StringComparison.Ordinal)).Append("\n\n");
        }
    }

    private string Labels() => string.Join(", ", _rubric.Labels);
}
