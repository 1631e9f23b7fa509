using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>The order of roles in the formats that have turns: at most one system message, first, then user and assistant in turn.</summary>
internal static class TurnOrder
{
    /// <exception cref="PromptFormatException">Another order, no message of a user, or an answer asked for after an answer.</exception>
    public static void Check(IReadOnlyList<LlamaMessage> messages, bool addGenerationPrompt)
    {
        int first = messages[0].Role == LlamaRole.System ? 1 : 0;
        if (messages.Count == first)
            throw Fault("There is a system message only; a user's message must follow it", messages.Count - 1);

        for (int i = first; i < messages.Count; i++)
        {
            LlamaRole expected = (i - first) % 2 == 0 ? LlamaRole.User : LlamaRole.Assistant;
            if (messages[i].Role != expected)
                throw Fault(Invariant($"Message {i:N0} is of the role {messages[i].Role}, where {expected} is due"), i);
        }

        if (addGenerationPrompt && messages[^1].Role != LlamaRole.User)
            throw Fault("The last message is an answer already; an answer can follow a user's message only", messages.Count - 1);
    }

    private static PromptFormatException Fault(string fault, int messageIndex) => new(
        $"{fault}. In this prompt format an optional system message comes first, then user and assistant take turns.", messageIndex);
}
