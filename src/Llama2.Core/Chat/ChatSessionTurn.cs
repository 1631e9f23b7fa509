namespace Llama2.Chat;

/// <summary>
/// A conversation up to an answer, with the tokens that the model computed for it. A text may be spelled with other tokens than the model
/// chose, and encoding the answer's text would then miss what is remembered of it. Immutable.
/// </summary>
/// <param name="messages">The messages of the prompt, then the answer.</param>
/// <param name="tokens">The prompt's tokens, then the generated ones; the last is the one that ended the answer.</param>
internal sealed class ChatSessionTurn(LlamaMessage[] messages, int[] tokens)
{
    /// <summary>Whether a conversation begins with this one, every text as it was.</summary>
    public bool Begins(ReadOnlySpan<LlamaMessage> conversation)
        => conversation.Length > messages.Length && conversation[..messages.Length].SequenceEqual(messages);

    /// <summary>Puts the computed tokens in place of those that a conversation's texts are encoded to.</summary>
    /// <param name="prompt">The whole conversation, encoded; <see cref="Begins"/> is true of it.</param>
    /// <param name="encode">Encodes messages, without what introduces an answer.</param>
    /// <returns>Null if the format does not end answers with the token that ended this one.</returns>
    public int[]? Splice(int[] prompt, Func<LlamaMessage[], int[]> encode)
    {
        int[] encoded = encode(messages);
        // What a format writes after that token, such as a line break, was not generated.
        int length = Array.LastIndexOf(encoded, tokens[^1]) + 1;
        return length > 0 && prompt.AsSpan().StartsWith(encoded.AsSpan(0, length)) ? [.. tokens, .. prompt.AsSpan(length)] : null;
    }
}
