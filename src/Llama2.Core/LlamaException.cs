namespace Llama2;

/// <summary>
/// The base class of this library's own exceptions. Invalid arguments throw <see cref="ArgumentException"/>, use after disposal throws
/// <see cref="ObjectDisposedException"/>, and cancellation throws <see cref="OperationCanceledException"/>.
/// </summary>
public class LlamaException : Exception
{
    /// <summary>Creates an exception with a message that states what is wrong, where, the value, the limit and the remedy.</summary>
    /// <param name="message">The whole message.</param>
    public LlamaException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and the exception that caused it.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="innerException">The cause.</param>
    public LlamaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
