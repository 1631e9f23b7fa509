namespace Llama2.Extensions.Chat;

/// <summary>
/// A request's hold on a conversation. It ends when it is disposed or, if the request's enumeration was abandoned without being disposed,
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

    /// <summary>All messages including the answer, set when the answer is complete. They are the conversation from then on.</summary>
    public IReadOnlyList<LlamaMessage>? Answered { get; set; }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        store.Close(conversation, Answered);
    }
}
