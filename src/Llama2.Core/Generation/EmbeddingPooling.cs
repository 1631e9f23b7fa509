namespace Llama2;

/// <summary>How the hidden states of a text's tokens become one vector.</summary>
public enum EmbeddingPooling
{
    /// <summary>The mean of all hidden states, including that of the begin-of-sequence token.</summary>
    Mean,

    /// <summary>The hidden state of the last token, the only token that attends to the whole text.</summary>
    LastToken,
}
