namespace Llama2;

/// <summary>
/// A model could not be found, pulled or kept: the hub refuses or does not answer, the content does not have the hub's hash, or the name matches no
/// model or several. The message states the remedy. Bytes received so far are kept, and the next pull continues from there.
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
