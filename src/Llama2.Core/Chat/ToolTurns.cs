using Llama2.Tokenization;

namespace Llama2.Chat;

/// <summary>Writes tools, calls and results into the texts of a conversation, for prompt formats and templates that know messages of text only.</summary>
internal static class ToolTurns
{
    /// <summary>Whether a conversation has anything that a format of tools must write.</summary>
    public static bool HasTools(IReadOnlyList<LlamaMessage> messages, IReadOnlyList<LlamaTool> tools) =>
        tools.Count > 0 || messages.Any(message => message.Role == LlamaRole.Tool || message.ToolCalls.Count > 0);

    /// <summary>
    /// The conversation as messages of system, user and assistant. The tools become the end of the first system message, calls the end of the answer that
    /// made them, and results, with a user's text that follows them, a user's message.
    /// </summary>
    public static LlamaMessage[] Write(IReadOnlyList<LlamaMessage> messages, IReadOnlyList<LlamaTool> tools, TextToolFormat format)
    {
        List<LlamaMessage> written = [];
        if (tools.Count > 0)
        {
            LlamaMessage announcement = OfFormat(LlamaRole.System, format.Announce(tools), format);
            bool hasSystem = messages is [{ Role: LlamaRole.System }, ..];
            written.Add(hasSystem ? TurnOrder.Join(LlamaRole.System, [messages[0], announcement]) : announcement);
            messages = hasSystem ? [.. messages.Skip(1)] : messages;
        }

        bool followsResult = false;
        foreach (LlamaMessage message in messages)
        {
            bool isResult = message.Role == LlamaRole.Tool;
            if (isResult && followsResult)
                written[^1] = Lines(LlamaRole.User, [written[^1], OfFormat(LlamaRole.User, format.WriteResult(message.Content, message.ToolName), format)]);
            else if (isResult)
                written.Add(OfFormat(LlamaRole.User, format.WriteResult(message.Content, message.ToolName), format));
            else if (followsResult && message.Role == LlamaRole.User)
                written[^1] = TurnOrder.Join(LlamaRole.User, [written[^1], message]);
            else
                written.Add(message.ToolCalls.Count == 0 ? message : WithCalls(message, format));
            followsResult = isResult;
        }

        return [.. written];
    }

    private static LlamaMessage WithCalls(LlamaMessage message, TextToolFormat format)
    {
        string calls = string.Join(format.CallSeparator ?? "\n", message.ToolCalls.Select(format.WriteCall));
        LlamaMessage text = LlamaMessage.Assistant(message.Content);
        return Lines(LlamaRole.Assistant, message.Content.Length == 0 ? [OfFormat(LlamaRole.Assistant, calls, format)] : [text, OfFormat(LlamaRole.Assistant, calls, format)]);
    }

    // Joins messages, each on a line of its own.
    private static LlamaMessage Lines(LlamaRole role, IReadOnlyList<LlamaMessage> messages) =>
        TurnOrder.Join(role, messages.SelectMany((message, index) => index == 0 ? [message] : (LlamaMessage[])[new LlamaMessage(role, "\n"), message]));

    // A text that the format wrote, in which its tags are its own.
    private static LlamaMessage OfFormat(LlamaRole role, string text, TextToolFormat format)
    {
        var tags = new List<TextRange>();
        foreach (string tag in format.Tags)
        {
            for (int start = 0; (start = text.IndexOf(tag, start, StringComparison.Ordinal)) >= 0; start += tag.Length)
                tags.Add(new TextRange(start, start + tag.Length));
        }

        tags.Sort((left, right) => left.Start.CompareTo(right.Start));
        return new LlamaMessage(role, text) { OwnTags = tags };
    }
}
