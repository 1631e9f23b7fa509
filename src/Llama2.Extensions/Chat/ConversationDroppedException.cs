namespace Llama2.Extensions;

/// <summary>
/// A request continues a conversation that a <see cref="LlamaChatClient"/> has dropped to make room for conversations that were used more recently.
/// </summary>
public sealed class ConversationDroppedException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="conversationId">The id of the conversation.</param>
    public ConversationDroppedException(string conversationId)
        : base(
            $"Conversation '{conversationId}' is no longer kept: it was the least recently used conversation when {nameof(LlamaChatClientOptions.MaxConversationCount)} or {nameof(LlamaChatClientOptions.MaxConversationLength)} was reached. Send its whole history under a new id, or raise these limits.")
    {
        ConversationId = conversationId;
    }

    /// <summary>The id of the conversation.</summary>
    public string ConversationId { get; }
}
