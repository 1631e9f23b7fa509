namespace Llama2.Chat;

/// <summary>
/// A conversation up to an answer, with the tokens that the model computed for it. The tokens are stored because encoding the answer's text again can
/// give other tokens, which would not match the stored keys and values. Immutable.
/// </summary>
/// <param name="messages">The messages of the prompt, then the answer.</param>
/// <param name="tokens">The prompt's tokens, then the generated ones; the last one ended the answer.</param>
internal sealed class ChatSessionTurn(LlamaMessage[] messages, int[] tokens)
{
    /// <summary>Whether a conversation begins with this one, with all texts unchanged.</summary>
    public bool Begins(ReadOnlySpan<LlamaMessage> conversation)
        => conversation.Length > messages.Length && conversation[..messages.Length].SequenceEqual(messages);

    /// <summary>In the encoded prompt of a longer conversation, replaces the tokens of this turn's texts by the tokens that the model computed.</summary>
    /// <param name="prompt">The whole conversation, encoded; <see cref="Begins"/> must be true for this conversation.</param>
    /// <param name="encode">Encodes messages, without the introduction of an answer.</param>
    /// <returns>The tokens; null if the format does not end answers with the token that ended this turn's answer.</returns>
    public int[]? Splice(int[] prompt, Func<LlamaMessage[], int[]> encode)
    {
        int[] encoded = encode(messages);
        // Text that a format writes after the token that ended the answer, such as a line break, was not generated.
        int length = Array.LastIndexOf(encoded, tokens[^1]) + 1;
        return length > 0 && prompt.AsSpan().StartsWith(encoded.AsSpan(0, length)) ? [.. tokens, .. prompt.AsSpan(length)] : null;
    }
}
