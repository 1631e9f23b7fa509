using System.Text;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>The order of roles in the formats that have turns: at most one system message, first, then user and assistant in turn.</summary>
internal static class TurnOrder
{
    /// <exception cref="PromptFormatException">The order is different, there is no user's message, or the last message is already an answer.</exception>
    public static void Check(IReadOnlyList<LlamaMessage> messages, PromptEnd end)
    {
        int first = messages[0].Role == LlamaRole.System ? 1 : 0;
        if (messages.Count == first)
            throw Fault("There is a system message only; a user's message must follow it", messages.Count - 1);

        for (int i = first; i < messages.Count; i++)
        {
            LlamaRole expected = (i - first) % 2 == 0 ? LlamaRole.User : LlamaRole.Assistant;
            if (messages[i].Role != expected)
                throw Fault(Invariant($"Message {i:N0} has the role {messages[i].Role}, where {expected} is expected"), i);
        }

        if (end == PromptEnd.GenerationPrompt && messages[^1].Role != LlamaRole.User)
            throw Fault("The last message is already an answer; an answer must follow a user's message", messages.Count - 1);
    }

    /// <summary>Rearranges any messages to this order without omitting text: see <see cref="TurnOrderPolicy.Arrange"/>.</summary>
    /// <returns>
    /// A system message if there was one at the beginning, then one or more messages of user and assistant alternately. Messages that are already in
    /// this order are unchanged.
    /// </returns>
    public static IReadOnlyList<LlamaMessage> Arrange(IReadOnlyList<LlamaMessage> messages)
    {
        List<LlamaMessage> turns = [];
        for (int i = 0; i < messages.Count;)
        {
            LlamaRole role = turns.Count == 0 ? messages[i].Role : SpeakerOf(messages[i]);
            int end = i + 1;
            while (end < messages.Count && (role == LlamaRole.System ? messages[end].Role : SpeakerOf(messages[end])) == role)
                end++;
            if (role == LlamaRole.Assistant && turns.Count == CountSystem(turns))
                turns.Add(LlamaMessage.User(""));
            turns.Add(end == i + 1 && messages[i].Role == role ? messages[i] : new LlamaMessage(role, Join(messages, i, end)));
            i = end;
        }

        if (turns.Count == CountSystem(turns))
            turns.Add(LlamaMessage.User(""));
        return turns;
    }

    /// <summary>Puts the system message at the beginning of the first user's message, for templates that do not support system messages.</summary>
    /// <param name="turns">The result of <see cref="Arrange"/>.</param>
    public static IReadOnlyList<LlamaMessage> MergeSystem(IReadOnlyList<LlamaMessage> turns) =>
        CountSystem(turns) == 0 ? turns : [LlamaMessage.User(Join(turns, 0, 2)), .. turns.Skip(2)];

    /// <summary>A conversation without the empty answers at its end, which are still to be generated.</summary>
    public static LlamaMessage[] WithoutEmptyAnswer(IReadOnlyList<LlamaMessage> messages)
    {
        int count = messages.Count;
        while (count > 0 && messages[count - 1] is { Role: LlamaRole.Assistant } last && string.IsNullOrWhiteSpace(last.Content))
            count--;
        return [.. messages.Take(count)];
    }

    private static int CountSystem(IReadOnlyList<LlamaMessage> turns) => turns is [{ Role: LlamaRole.System }, ..] ? 1 : 0;

    // A system message within a conversation becomes part of the user's turn.
    private static LlamaRole SpeakerOf(LlamaMessage message) => message.Role == LlamaRole.Assistant ? LlamaRole.Assistant : LlamaRole.User;

    private static string Join(IReadOnlyList<LlamaMessage> messages, int start, int end)
    {
        var text = new StringBuilder();
        for (int i = start; i < end; i++)
        {
            string content = messages[i].Content;
            if (text.Length > 0 && content.Length > 0 && !char.IsWhiteSpace(text[^1]) && !char.IsWhiteSpace(content[0]))
                text.Append("\n\n");
            text.Append(content);
        }

        return text.ToString();
    }

    private static PromptFormatException Fault(string fault, int messageIndex) => new(
        $"{fault}. In this prompt format an optional system message comes first, then user and assistant take turns.", messageIndex);
}
