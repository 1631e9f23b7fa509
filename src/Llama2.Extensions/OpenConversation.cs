namespace Llama2.Extensions;

/// <summary>
/// A request's hold on a conversation, which ends when it is disposed; or, where the request's enumeration was dropped without being disposed,
/// when the garbage collector finds it.
/// </summary>
/// <param name="store">Keeps the conversation.</param>
/// <param name="conversation">What the store opened.</param>
internal sealed class OpenConversation(ConversationStore store, Conversation conversation) : IDisposable
{
    // An answer that is whole belongs to the conversation, also where its reader did not come back after the last update.
    ~OpenConversation() => store.Close(conversation, Answered);

    public string Id => conversation.Id;

    /// <summary>What was said before the request.</summary>
    public IReadOnlyList<LlamaMessage> Messages => conversation.Messages;

    /// <summary>All messages, the answer included, when there is a whole one; what the conversation consists of then.</summary>
    public IReadOnlyList<LlamaMessage>? Answered { get; set; }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        store.Close(conversation, Answered);
    }
}
