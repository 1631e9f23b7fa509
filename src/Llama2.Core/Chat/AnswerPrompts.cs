using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Checks a conversation that a chat template rendered: each answer must begin where the prompt for generating this answer ends. Some templates end a
/// prompt with a text, such as <c>&lt;think&gt;</c>, that they do not write before an existing answer. A model trained on the conversation would then
/// learn answers that begin at a different place than generated answers do.
/// </summary>
/// <param name="conversation">The whole conversation, rendered by the template.</param>
/// <param name="introduction">The text that the template writes after a question to introduce an answer; null if the template cannot render a question.</param>
/// <param name="begin">The text of the begin-of-sequence token.</param>
/// <param name="clock">Measures the time that <see cref="MaxDuration"/> limits.</param>
/// <param name="renderPrompt">
/// Renders the first messages as the prompt for the message after them. Its argument is the number of these first messages.
/// </param>
internal sealed class AnswerPrompts(RenderedTemplate conversation, string? introduction, string begin, TimeProvider clock, Func<int, RenderedTemplate> renderPrompt)
{
    /// <summary>
    /// The time limit for all prompts of a conversation together; it equals the limit of a single rendering. With usual templates, a thousand prompts
    /// take a second.
    /// </summary>
    public static readonly TimeSpan MaxDuration = TemplateLimits.Default.MaxDuration;

    // An error message shows this many characters from the end of the prompt, and as many from the conversation just before the answer.
    private const int ShownLength = 40;

    private readonly List<(int AnswerIndex, int Position, int TextStart)> _answers = [];

    /// <summary>Adds an answer to be checked.</summary>
    /// <param name="answerIndex">The index of the answer's message.</param>
    /// <param name="position">The index in the conversation's text at which the answer begins.</param>
    /// <param name="textStart">The index in the conversation's text at which the content of the answer's message begins.</param>
    public void Add(int answerIndex, int position, int textStart) => _answers.Add((answerIndex, position, textStart));

    /// <summary>Checks the added answers in their order.</summary>
    /// <param name="isLearned">
    /// Says whether any part of an answer is learned; its argument is the index of the answer's message. An answer is checked only if a part of it is learned,
    /// because each check renders all messages before the answer.
    /// </param>
    /// <exception cref="PromptFormatException">
    /// The prompt for an answer does not end where the answer begins, the prompt's text differs from the conversation before the answer, or rendering
    /// the prompts takes too long.
    /// </exception>
    public void Check(Predicate<int> isLearned)
    {
        long start = clock.GetTimestamp();
        foreach ((int answerIndex, int position, int textStart) in _answers)
        {
            if (!isLearned(answerIndex))
                continue;
            if (clock.GetElapsedTime(start) > MaxDuration)
            {
                throw new PromptFormatException(
                    Invariant($"Message {answerIndex:N0} cannot be learned: rendering the chat template's prompts for the earlier answers took more than {MaxDuration.TotalSeconds:N0} seconds. Cut the conversation into several, or use one of the presets."),
                    answerIndex);
            }

            Check(answerIndex, position, textStart);
        }
    }

    private void Check(int answerIndex, int position, int textStart)
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

    // Checks an answer that is the first message. A template cannot render the prompt for this answer, because that prompt would have no messages. Therefore
    // the text before the answer must end with the introduction of answers or be the last part of the introduction. The first part of the
    // introduction can be missing, because it may be the text that ends a question, and here there is no question.
    private bool IsIntroduced(ReadOnlySpan<char> before)
    {
        if (introduction is null || before.EndsWith(introduction, StringComparison.Ordinal))
            return introduction is not null;
        ReadOnlySpan<char> first = before.StartsWith(begin, StringComparison.Ordinal) ? before[begin.Length..] : before;
        return !PythonSpace.IsBlank(first) && introduction.AsSpan().EndsWith(first, StringComparison.Ordinal);
    }

    private PromptFormatException Differs(int answerIndex, string prompt, int textStart) => new(
        Invariant($"Message {answerIndex:N0} cannot be learned: the chat template's prompt for it ends with '{EndOf(prompt)}', but in the conversation the text before the message ends with '{EndOf(conversation.Text.AsSpan(0, textStart))}'. ")
        + "The model would learn an answer that begins at a different place than a generated answer. Use one of the presets, or a template whose prompts end with the text that it writes before answers.",
        answerIndex);

    private static string EndOf(ReadOnlySpan<char> text)
    {
        string end = text.Length <= ShownLength ? text.ToString() : $"…{text[^ShownLength..]}";
        return end.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }
}
