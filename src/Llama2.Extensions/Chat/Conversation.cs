namespace Llama2.Extensions.Chat;

/// <summary>The messages of a conversation. Only its store changes it.</summary>
/// <param name="id">The id that the caller chose.</param>
/// <param name="scope">The prefix scope of the request that began the conversation.</param>
internal sealed class Conversation(string id, string? scope)
{
    public string Id => id;

    /// <summary>The key by which the store finds the conversation.</summary>
    public (string? Scope, string Id) Key => (scope, id);

    /// <summary>The messages, including the answers. The list is replaced by a new one after each answer.</summary>
    public IReadOnlyList<LlamaMessage> Messages { get; set; } = [];

    /// <summary>Whether a request is using the conversation now.</summary>
    public bool IsAnswering { get; set; }

    /// <summary>The number of characters of all messages.</summary>
    public long Length => Messages.Sum(message => message.Content.Length + message.ToolCalls.Sum(call => (long)call.Name.Length + call.Arguments.GetRawText().Length));
}
