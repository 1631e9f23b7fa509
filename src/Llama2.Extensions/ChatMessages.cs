using Microsoft.Extensions.AI;

namespace Llama2.Extensions;

/// <summary>Microsoft.Extensions.AI's messages as those of a prompt.</summary>
internal static class ChatMessages
{
    /// <summary>Takes the messages' texts; several texts of one message become one.</summary>
    /// <exception cref="ArgumentException">A message is null.</exception>
    /// <exception cref="NotSupportedException">A message has content other than text, or a role other than system, user and assistant.</exception>
    public static List<LlamaMessage> Read(IEnumerable<ChatMessage> messages)
    {
        List<LlamaMessage> result = [];
        foreach (ChatMessage message in messages)
        {
            if (message is null)
            {
                throw new ArgumentException($"Message {result.Count} is null.", nameof(messages));
            }

            result.Add(new LlamaMessage(ReadRole(message.Role, result.Count), ReadText(message, result.Count)));
        }

        return result;
    }

    /// <summary>
    /// Puts instructions first. What the system says before anybody else is one message, as formats with turns have room for one only.
    /// </summary>
    public static IReadOnlyList<LlamaMessage> Arrange(string? instructions, IReadOnlyList<LlamaMessage> messages)
    {
        LlamaMessage[] leading = [.. messages.TakeWhile(message => message.Role == LlamaRole.System)];
        string[] texts = [.. leading.Select(message => message.Content).Prepend(instructions ?? "").Where(text => text.Length > 0)];
        IEnumerable<LlamaMessage> rest = messages.Skip(leading.Length);
        return texts.Length == 0 ? [.. rest] : [LlamaMessage.System(string.Join("\n\n", texts)), .. rest];
    }

    private static LlamaRole ReadRole(ChatRole role, int index)
    {
        if (role == ChatRole.System)
            return LlamaRole.System;
        if (role == ChatRole.User)
            return LlamaRole.User;
        if (role == ChatRole.Assistant)
            return LlamaRole.Assistant;
        throw new NotSupportedException($"Message {index} is of the role '{role}'; supported are system, user and assistant.");
    }

    private static string ReadText(ChatMessage message, int index)
    {
        AIContent? other = message.Contents.FirstOrDefault(content => content is not TextContent);
        return other is null
            ? string.Concat(message.Contents.Cast<TextContent>().Select(content => content.Text))
            : throw new NotSupportedException($"Message {index} has {other.GetType().Name}; the model reads text only: {nameof(TextContent)}.");
    }
}
