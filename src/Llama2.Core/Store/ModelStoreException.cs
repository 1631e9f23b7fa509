namespace Llama2;

/// <summary>
/// A model could not be found, pulled or stored. For example, the hub refuses the request or does not answer, the content does not have the hash that
/// the hub states, or the name matches several models. The message states the remedy. The bytes that were received are kept, and the next pull
/// continues after them.
/// </summary>
public sealed class ModelStoreException : LlamaException
{
    /// <summary>Creates an exception with a message that states what is wrong, where, the value, the limit and the remedy.</summary>
    /// <param name="message">The whole message.</param>
    public ModelStoreException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and the exception that caused it.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="innerException">The cause.</param>
    public ModelStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
