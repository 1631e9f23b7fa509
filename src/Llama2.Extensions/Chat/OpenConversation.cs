namespace Llama2.Extensions.Chat;

/// <summary>
/// Reserves a conversation for one request. The reservation ends when this object is disposed. If the caller abandoned the enumeration of the answer
/// without disposing the enumerator, the reservation ends when the garbage collector collects this object.
/// </summary>
/// <param name="store">The store that keeps the conversation.</param>
/// <param name="conversation">The conversation that the store opened.</param>
/// <param name="cancellationToken">If the request is cancelled before the reservation ends, the answer is not added.</param>
internal sealed class OpenConversation(ConversationStore store, Conversation conversation, CancellationToken cancellationToken) : IDisposable
{
    // A complete answer is added to the conversation even if the caller stopped reading after the last update.
    ~OpenConversation() => Close();

    public string Id => conversation.Id;

    /// <summary>The messages before the request.</summary>
    public IReadOnlyList<LlamaMessage> Messages => conversation.Messages;

    /// <summary>
    /// All messages including the answer, set when the answer is complete; null before that. These messages replace the stored messages when the
    /// reservation ends.
    /// </summary>
    public IReadOnlyList<LlamaMessage>? Answered { get; set; }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Close();
    }

    private void Close() => store.Close(conversation, cancellationToken.IsCancellationRequested ? null : Answered);
}
