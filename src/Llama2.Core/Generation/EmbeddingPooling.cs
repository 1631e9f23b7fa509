namespace Llama2;

/// <summary>How the hidden states of a text's tokens become one vector.</summary>
public enum EmbeddingPooling
{
    /// <summary>Their mean, that of the begin-of-sequence token included.</summary>
    Mean,

    /// <summary>That of the last token, the only one that has seen the whole text.</summary>
    LastToken,
}
