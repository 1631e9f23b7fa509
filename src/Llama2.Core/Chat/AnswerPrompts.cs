using Llama2.Templating;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Checks that each answer of a conversation that a chat template rendered begins where the prompt for it ends. A template may ask for an answer with
/// other text than it writes before an answer that is there, such as <c>&lt;think&gt;</c>; a model that learned from the conversation would begin
/// elsewhere than where it is asked to.
/// </summary>
/// <param name="conversation">What the template made of the whole conversation.</param>
/// <param name="introduction">What it writes after a question to introduce an answer, or null.</param>
/// <param name="begin">The text of the begin-of-sequence token.</param>
/// <param name="renderPrompt">What the template makes of so many of the first messages, to have the next one generated.</param>
internal sealed class AnswerPrompts(RenderedTemplate conversation, string? introduction, string begin, Func<int, RenderedTemplate> renderPrompt)
{
    // Characters of the prompt and of the conversation that an error shows.
    private const int ShownLength = 40;

    /// <param name="answerIndex">The answer.</param>
    /// <param name="position">Where in the conversation's text it begins.</param>
    /// <param name="textStart">Where its message's text begins.</param>
    /// <exception cref="PromptFormatException">The prompt for it does not end there, or is another text.</exception>
    public void Check(int answerIndex, int position, int textStart)
    {
        ReadOnlySpan<char> before = conversation.Text.AsSpan(0, position);
        if (answerIndex == 0)
        {
            if (!IsIntroduced(before))
                throw Differs(answerIndex, introduction ?? "", textStart);
            return;
        }

        RenderedTemplate prompt = renderPrompt(answerIndex);
        int last = prompt.Runs.Count - 1;
        if (!before.SequenceEqual(prompt.Text) || !conversation.Runs.Take(last).SequenceEqual(prompt.Runs.Take(last)))
            throw Differs(answerIndex, prompt.Text, textStart);
    }

    // There is no prompt without messages: what introduces answers must stand before the first message, or all of it that does not end a question.
    private bool IsIntroduced(ReadOnlySpan<char> before)
    {
        if (introduction is null || before.EndsWith(introduction, StringComparison.Ordinal))
            return introduction is not null;
        ReadOnlySpan<char> first = before.StartsWith(begin, StringComparison.Ordinal) ? before[begin.Length..] : before;
        return !PythonSpace.IsBlank(first) && introduction.AsSpan().EndsWith(first, StringComparison.Ordinal);
    }

    private PromptFormatException Differs(int answerIndex, string prompt, int textStart) => new(
        Invariant($"Message {answerIndex:N0} cannot be learned: the chat template's prompt for it ends with '{EndOf(prompt)}', but in the conversation it follows '{EndOf(conversation.Text.AsSpan(0, textStart))}'. ")
        + "What is learned would not begin where generation begins. Use one of the presets, or a template whose prompts end with the text that it writes before answers.",
        answerIndex);

    private static string EndOf(ReadOnlySpan<char> text)
    {
        string end = text.Length <= ShownLength ? text.ToString() : $"…{text[^ShownLength..]}";
        return end.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }
}
