using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>Converts Microsoft.Extensions.AI's messages to messages of a prompt.</summary>
internal static class ChatMessages
{
    // The key of the property that marks a TextContent as the continuation of the assistant's previous message. The property is still there after
    // updates have been combined into messages.
    private const string ContinuesKey = "llama2.continues";
    private static readonly ChatRole s_developer = new("developer");

    /// <summary>
    /// Reads the messages' texts; several texts of one message become one. A call of a tool becomes part of the text of the assistant's message that
    /// contains it; the result of a call becomes the text of a user's message. Contents that do not belong in a prompt are omitted, and so are
    /// messages that have no other contents. Such messages occur in a history that keeps everything that a response reported.
    /// </summary>
    /// <exception cref="ArgumentException">A message is null.</exception>
    /// <exception cref="NotSupportedException">
    /// A message has content that the model cannot read, or its role is not one of system, developer, user, assistant and tool.
    /// </exception>
    public static List<LlamaMessage> Read(IEnumerable<ChatMessage> messages)
    {
        List<LlamaMessage> result = [];
        var tools = new ToolMessages();
        bool followsResult = false;
        int index = 0;
        foreach (ChatMessage message in messages)
        {
            if (message is null)
            {
                throw new ArgumentException($"Message {index} is null.", nameof(messages));
            }

            if (ReadText(message, index, tools) is { } text)
            {
                LlamaRole role = ReadRole(message.Role, index);
                bool isResult = message.Role == ChatRole.Tool;
                if (isResult && followsResult)
                    result[^1] = LlamaMessage.User($"{result[^1].Content}\n{text}");
                else if (role == LlamaRole.Assistant && Continues(message) && result is [.., { Role: LlamaRole.Assistant } open])
                    result[^1] = LlamaMessage.Assistant(open.Content + text);
                else
                    result.Add(new LlamaMessage(role, text));
                followsResult = isResult;
            }

            index++;
        }

        return result;
    }

    /// <summary>
    /// Puts the instructions first. They and the system messages at the beginning become one system message, because prompt formats with turns allow
    /// only one.
    /// </summary>
    /// <param name="instructions">The text that comes before the system messages; null for none.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="addendum">The text that comes after the system messages at the beginning; null for none.</param>
    public static IReadOnlyList<LlamaMessage> Arrange(string? instructions, IReadOnlyList<LlamaMessage> messages, string? addendum = null)
    {
        LlamaMessage[] leading = [.. messages.TakeWhile(message => message.Role == LlamaRole.System)];
        string[] texts = [.. leading.Select(message => message.Content).Prepend(instructions ?? "").Append(addendum ?? "").Where(text => text.Length > 0)];
        IEnumerable<LlamaMessage> rest = messages.Skip(leading.Length);
        return texts.Length == 0 ? [.. rest] : [LlamaMessage.System(string.Join("\n\n", texts)), .. rest];
    }

    /// <summary>The conversation with the answer added: as a new message, or at the end of the last message if the answer continues it.</summary>
    public static List<LlamaMessage> WithAnswer(IReadOnlyList<LlamaMessage> messages, string answer, TurnOrderPolicy turnOrder) =>
        turnOrder == TurnOrderPolicy.Arrange && messages is [.., { Role: LlamaRole.Assistant } open]
            ? [.. messages.SkipLast(1), LlamaMessage.Assistant(open.Content + answer)]
            : [.. messages, LlamaMessage.Assistant(answer)];

    /// <summary>
    /// The first text of an answer that continues the assistant's last message. It is marked, so that <see cref="Read"/> joins the two messages if a
    /// history contains one after the other.
    /// </summary>
    public static TextContent Continuation(string text) => new(text) { AdditionalProperties = new() { [ContinuesKey] = true } };

    private static bool Continues(ChatMessage message) =>
        message.Contents.OfType<TextContent>().FirstOrDefault()?.AdditionalProperties?.ContainsKey(ContinuesKey) == true;

    private static LlamaRole ReadRole(ChatRole role, int index)
    {
        if (role == ChatRole.System || role == s_developer)
            return LlamaRole.System;
        if (role == ChatRole.User || role == ChatRole.Tool)
            return LlamaRole.User;
        if (role == ChatRole.Assistant)
            return LlamaRole.Assistant;
        throw new NotSupportedException($"Message {index} is of the role '{role}'; supported are system, developer, user, assistant and tool.");
    }

    // Null if a message has no text, not even an empty one.
    private static string? ReadText(ChatMessage message, int index, ToolMessages tools)
    {
        string? text = null;
        bool isTagged = false;
        foreach (AIContent content in message.Contents)
        {
            string? tagged = content switch
            {
                FunctionCallContent call => tools.Write(call),
                FunctionResultContent result => tools.Write(result),
                _ => null,
            };
            string? piece = tagged ?? (content as TextContent)?.Text;
            if (piece is not null)
            {
                // Each call and each result has a line of its own.
                bool breaks = (tagged is not null || isTagged) && !string.IsNullOrEmpty(text);
                text = breaks ? $"{text}\n{piece}" : text + piece;
                isTagged = tagged is not null;
            }
            else if (!IsLeftOut(content))
            {
                throw new NotSupportedException($"Message {index} has {content.GetType().Name}; the model reads text only: {nameof(TextContent)}, and calls and results of functions.");
            }
        }

        return text;
    }

    // True for contents that a response reports in addition to its text, and for contents that only the provider understands. For content of any
    // other type it is false, because such content could be important: the caller then throws.
    private static bool IsLeftOut(AIContent content) =>
        content is UsageContent or TextReasoningContent or ErrorContent or InputRequestContent or InputResponseContent || content.GetType() == typeof(AIContent);
}
