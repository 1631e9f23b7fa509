namespace Llama2.Extensions.Chat;

/// <summary>
/// A request's reservation of a conversation. It ends when it is disposed or, if the request's enumeration was abandoned without being disposed, when
/// the garbage collector collects it.
/// </summary>
/// <param name="store">Keeps the conversation.</param>
/// <param name="conversation">The conversation that the store opened.</param>
internal sealed class OpenConversation(ConversationStore store, Conversation conversation) : IDisposable
{
    // A complete answer belongs to the conversation, even if its reader stopped after the last update.
    ~OpenConversation() => store.Close(conversation, Answered);

    public string Id => conversation.Id;

    /// <summary>The messages before the request.</summary>
    public IReadOnlyList<LlamaMessage> Messages => conversation.Messages;

    /// <summary>All messages including the answer, set when the answer is complete. Then they become the stored conversation.</summary>
    public IReadOnlyList<LlamaMessage>? Answered { get; set; }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        store.Close(conversation, Answered);
    }
}
