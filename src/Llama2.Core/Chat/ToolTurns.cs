using Llama2.Tokenization;

namespace Llama2.Chat;

/// <summary>
/// Writes tools, calls and results into the texts of a conversation, for prompt formats and templates that support only messages of text.
/// </summary>
internal static class ToolTurns
{
    /// <summary>Whether a conversation has anything that a tool format must write.</summary>
    public static bool HasTools(IReadOnlyList<LlamaMessage> messages, IReadOnlyList<LlamaTool> tools) =>
        tools.Count > 0 || messages.Any(message => message.Role == LlamaRole.Tool || message.ToolCalls.Count > 0);

    /// <summary>
    /// Returns the conversation as messages of system, user and assistant. The tools are written at the end of the first system message, and calls at
    /// the end of the answer that contains them. Results become a user's message, together with a user's text that follows them.
    /// </summary>
    /// <exception cref="PromptFormatException">A message is to be learned alone, but the tool format writes it together with other text.</exception>
    public static LlamaMessage[] Write(IReadOnlyList<LlamaMessage> messages, IReadOnlyList<LlamaTool> tools, TextToolFormat format)
    {
        List<LlamaMessage> written = [];
        if (tools.Count > 0)
        {
            LlamaMessage announcement = OfFormat(LlamaRole.System, format.Announce(tools), format);
            bool hasSystem = messages is [{ Role: LlamaRole.System }, ..];
            if (hasSystem)
                CheckLearnedAlone(messages[0]);
            written.Add(hasSystem ? TurnOrder.Join(LlamaRole.System, [messages[0], announcement]) : announcement);
            messages = hasSystem ? [.. messages.Skip(1)] : messages;
        }

        bool followsResult = false;
        foreach (LlamaMessage message in messages)
        {
            bool isResult = message.Role == LlamaRole.Tool;
            if (isResult || (followsResult && message.Role == LlamaRole.User))
                CheckLearnedAlone(message);
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
        LlamaMessage answer = Lines(LlamaRole.Assistant, message.Content.Length == 0 ? [OfFormat(LlamaRole.Assistant, calls, format)] : [text, OfFormat(LlamaRole.Assistant, calls, format)]);
        return answer with { IsLearned = message.IsLearned };
    }

    private static void CheckLearnedAlone(LlamaMessage message)
    {
        if (message.IsLearned == true)
        {
            throw new PromptFormatException(
                $"A message of the role {message.Role} is to be learned, but the tool format writes it together with tools or results, which are not learned: let only answers be learned.");
        }
    }

    // Joins messages, each on a line of its own.
    private static LlamaMessage Lines(LlamaRole role, IReadOnlyList<LlamaMessage> messages) =>
        TurnOrder.Join(role, messages.SelectMany((message, index) => index == 0 ? [message] : (LlamaMessage[])[new LlamaMessage(role, "\n"), message]));

    // Returns a text that the format wrote; the tags in this text come from the format, not from data.
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
