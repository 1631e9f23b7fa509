namespace Llama2;

/// <summary>
/// A model could not be found, pulled or kept: the hub refuses or does not answer, the content is not what the hub says it is, or the name
/// fits none or several. The message says what to do; what was pulled so far stays, and the next pull goes on from there.
/// </summary>
public sealed class ModelStoreException : LlamaException
{
    /// <summary>Creates an exception with a message that says what, where, the value, the limit and the remedy.</summary>
    /// <param name="message">The whole message.</param>
    public ModelStoreException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and the exception that led to it.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="innerException">The cause.</param>
    public ModelStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
