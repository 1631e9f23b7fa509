namespace Llama2.Server;

/// <summary>
/// An entry with an API key cannot be used. The message states the place of the entry and what is wrong, but never contains a key.
/// </summary>
public sealed class LlamaApiKeyException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The place of the entry, what is wrong, and the remedy.</param>
    public LlamaApiKeyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a cause, such as a file that cannot be read.</summary>
    /// <param name="message">The place of the entry, what is wrong, and the remedy.</param>
    /// <param name="innerException">The cause.</param>
    public LlamaApiKeyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
