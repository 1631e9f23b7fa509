namespace Llama2.Evaluation.Tasks;

/// <summary>A few-shot example of a prompt.</summary>
/// <param name="Question">The question.</param>
/// <param name="Delimiter">The text between question and answer, if the prompt is not a conversation.</param>
/// <param name="Answer">The answer with its prefix; empty if there is none.</param>
/// <param name="End">The text after the answer, if the prompt is not a conversation.</param>
internal readonly record struct PromptTurn(string Question, string Delimiter, string Answer, string End)
{
    /// <summary>The example as plain text.</summary>
    public string Text => Question + Delimiter + Answer + End;
}
