namespace Llama2;

/// <summary>A saved chat session cannot be restored: it is damaged, of a later version, or of another model.</summary>
public sealed class ChatSessionException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, and the remedy.</param>
    public ChatSessionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the exception that caused it.</summary>
    /// <param name="message">What is wrong, and the remedy.</param>
    /// <param name="innerException">The cause.</param>
    public ChatSessionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
