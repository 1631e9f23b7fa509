using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
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
/// <param name="clock">Measures what <see cref="MaxDuration"/> limits.</param>
/// <param name="renderPrompt">What the template makes of so many of the first messages, to have the next one generated.</param>
internal sealed class AnswerPrompts(RenderedTemplate conversation, string? introduction, string begin, TimeProvider clock, Func<int, RenderedTemplate> renderPrompt)
{
    /// <summary>Time for all prompts of a conversation together: what one rendering may take. A thousand prompts of usual templates take a second.</summary>
    public static readonly TimeSpan MaxDuration = TemplateLimits.Default.MaxDuration;

    // Characters of the prompt and of the conversation that an error shows.
    private const int ShownLength = 40;

    private readonly List<(int AnswerIndex, int Position, int TextStart)> _answers = [];

    /// <summary>Notes an answer.</summary>
    /// <param name="answerIndex">The answer.</param>
    /// <param name="position">Where in the conversation's text it begins.</param>
    /// <param name="textStart">Where its message's text begins.</param>
    public void Add(int answerIndex, int position, int textStart) => _answers.Add((answerIndex, position, textStart));

    /// <summary>Checks answers that were noted, in their order.</summary>
    /// <param name="isLearned">Whether something of an answer is learned. The others are not checked: each check renders all messages before the answer.</param>
    /// <exception cref="PromptFormatException">The prompt for one does not end where it begins, or is another text; or the prompts take too long.</exception>
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
                    Invariant($"Message {answerIndex:N0} cannot be learned: the chat template's prompts for the answers before it took more than {MaxDuration.TotalSeconds:N0} seconds to render. Cut the conversation into several, or use one of the presets."),
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
