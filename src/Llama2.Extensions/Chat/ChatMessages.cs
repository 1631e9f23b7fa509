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
    /// Reads the texts of the messages, and the calls and results of tools. Several texts of one message become one text, and each result becomes a
    /// message of its own. Contents that do not belong in a prompt are omitted, and so are messages that have no other contents. Such messages occur
    /// in a history that keeps everything that a response reported.
    /// </summary>
    /// <param name="messages">The messages.</param>
    /// <param name="earlier">The earlier messages of the conversation; they may have the calls to which the results belong. Null for none.</param>
    /// <exception cref="ArgumentException">A message is null.</exception>
    /// <exception cref="NotSupportedException">
    /// A message has content that the model cannot read, or its role is not one of system, developer, user, assistant and tool.
    /// </exception>
    public static List<LlamaMessage> Read(IEnumerable<ChatMessage> messages, IEnumerable<LlamaMessage>? earlier = null)
    {
        List<LlamaMessage> result = [];
        var tools = new ToolMessages(earlier);
        int index = 0;
        foreach (ChatMessage message in messages)
        {
            if (message is null)
            {
                throw new ArgumentException($"Message {index} is null.", nameof(messages));
            }

            foreach (LlamaMessage read in ReadMessage(message, index, tools))
            {
                if (read.Role == LlamaRole.Assistant && Continues(message) && result is [.., { Role: LlamaRole.Assistant, ToolCalls.Count: 0 } open])
                    result[^1] = LlamaMessage.Assistant(open.Content + read.Content, read.ToolCalls);
                else
                    result.Add(read);
            }

            index++;
        }

        return result;
    }

    /// <summary>
    /// Puts the instructions first. The instructions and the system messages at the beginning become one system message, because prompt formats with
    /// turns allow only one.
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
    public static List<LlamaMessage> WithAnswer(IReadOnlyList<LlamaMessage> messages, LlamaMessage answer, TurnOrderPolicy turnOrder) =>
        turnOrder == TurnOrderPolicy.Arrange && messages is [.., { Role: LlamaRole.Assistant } open]
            ? [.. messages.SkipLast(1), LlamaMessage.Assistant(open.Content + answer.Content, [.. open.ToolCalls, .. answer.ToolCalls])]
            : [.. messages, answer];

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
            return LlamaRole.User; // text in a tool's message that is not a result
        if (role == ChatRole.Assistant)
            return LlamaRole.Assistant;
        throw new NotSupportedException($"Message {index} is of the role '{role}'; supported are system, developer, user, assistant and tool.");
    }

    private static List<LlamaMessage> ReadMessage(ChatMessage message, int index, ToolMessages tools)
    {
        List<LlamaMessage> read = [];
        List<LlamaToolCall> calls = [];
        string? text = null;
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextContent piece:
                    text += piece.Text;
                    break;
                case FunctionCallContent call:
                    calls.Add(tools.Read(call));
                    break;
                case FunctionResultContent result:
                    End();
                    read.Add(tools.Read(result));
                    break;
                default:
                    if (!IsLeftOut(content))
                        throw new NotSupportedException($"Message {index} has {content.GetType().Name}; the model reads text only: {nameof(TextContent)}, and calls and results of functions.");
                    break;
            }
        }

        End();
        return read;

        void End()
        {
            if (text is not null || calls.Count > 0)
                read.Add(new LlamaMessage(calls.Count > 0 ? LlamaRole.Assistant : ReadRole(message.Role, index), text ?? "") { ToolCalls = calls });
            (text, calls) = (null, []);
        }
    }

    // True for contents that a response reports in addition to its text, and for contents that only the provider understands. For content of any
    // other type the result is false, and the caller throws, because such content could be important.
    private static bool IsLeftOut(AIContent content) =>
        content is UsageContent or TextReasoningContent or ErrorContent or InputRequestContent or InputResponseContent || content.GetType() == typeof(AIContent);
}
