namespace Llama2;

/// <summary>
/// The model computed scores that cannot be sampled from, or a hidden state that cannot be embedded: a number is NaN or infinite, or no token may be
/// chosen. The message states the first bad token or element, its value and the remedy.
/// </summary>
public sealed class NumericalException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="tokenId">The first bad token, or null if no single token is at fault.</param>
    /// <param name="value">The bad value.</param>
    public NumericalException(string message, int? tokenId, float value)
        : base(message)
    {
        TokenId = tokenId;
        Value = value;
    }

    /// <summary>The first bad token, or null if no single token is at fault.</summary>
    public int? TokenId { get; }

    /// <summary>The bad value.</summary>
    public float Value { get; }
}
