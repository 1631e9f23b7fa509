using System.Text;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>The order of roles in the formats that have turns: an optional system message at the beginning, then user and assistant in turn.</summary>
internal static class TurnOrder
{
    /// <exception cref="PromptFormatException">
    /// The roles are in another order, there is no user's message, or the last message is already an answer.
    /// </exception>
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
            while (end < messages.Count && !IsOfTools(messages[i]) && !IsOfTools(messages[end]) && (role == LlamaRole.System ? messages[end].Role : SpeakerOf(messages[end])) == role)
                end++;
            if (role is LlamaRole.Assistant or LlamaRole.Tool && turns.Count == CountSystem(turns))
                turns.Add(LlamaMessage.User(""));
            turns.Add(end == i + 1 && messages[i].Role == role ? messages[i] : Join(role, messages.Skip(i).Take(end - i)));
            i = end;
        }

        if (turns.Count == CountSystem(turns))
            turns.Add(LlamaMessage.User(""));
        return turns;
    }

    /// <summary>Puts the system message at the beginning of the first user's message, for templates that do not support system messages.</summary>
    /// <param name="turns">The result of <see cref="Arrange"/>.</param>
    public static IReadOnlyList<LlamaMessage> MergeSystem(IReadOnlyList<LlamaMessage> turns) =>
        CountSystem(turns) == 0 ? turns : [Join(LlamaRole.User, turns.Take(2)), .. turns.Skip(2)];

    /// <summary>A conversation without the empty answers at its end, which are still to be generated.</summary>
    public static LlamaMessage[] WithoutEmptyAnswer(IReadOnlyList<LlamaMessage> messages)
    {
        int count = messages.Count;
        while (count > 0 && messages[count - 1] is { Role: LlamaRole.Assistant, ToolCalls.Count: 0 } last && string.IsNullOrWhiteSpace(last.Content))
            count--;
        return [.. messages.Take(count)];
    }

    private static int CountSystem(IReadOnlyList<LlamaMessage> turns) => turns is [{ Role: LlamaRole.System }, ..] ? 1 : 0;

    /// <summary>Joins messages into one, with an empty line between texts that white space does not separate already.</summary>
    /// <param name="role">The role of the result.</param>
    /// <param name="messages">Messages without calls.</param>
    public static LlamaMessage Join(LlamaRole role, IEnumerable<LlamaMessage> messages)
    {
        var text = new StringBuilder();
        var tags = new List<TextRange>();
        foreach (LlamaMessage message in messages)
        {
            string content = message.Content;
            if (text.Length > 0 && content.Length > 0 && !char.IsWhiteSpace(text[^1]) && !char.IsWhiteSpace(content[0]))
                text.Append("\n\n");
            tags.AddRange(message.OwnTags.Select(tag => new TextRange(tag.Start + text.Length, tag.End + text.Length)));
            text.Append(content);
        }

        return new LlamaMessage(role, text.ToString()) { OwnTags = tags };
    }

    // A system message within a conversation becomes part of the user's turn.
    private static LlamaRole SpeakerOf(LlamaMessage message) => message.Role == LlamaRole.System ? LlamaRole.User : message.Role;

    // A message with calls, and the result of a call, are never joined with other messages.
    private static bool IsOfTools(LlamaMessage message) => message.Role == LlamaRole.Tool || message.ToolCalls.Count > 0;

    private static PromptFormatException Fault(string fault, int messageIndex) => new(
        $"{fault}. In this prompt format an optional system message comes first, then user and assistant take turns.", messageIndex);
}
