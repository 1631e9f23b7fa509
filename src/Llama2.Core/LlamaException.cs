namespace Llama2;

/// <summary>
/// The base of every exception that this library throws of its own accord. Faults of an argument stay
/// <see cref="ArgumentException"/>, use after disposal stays <see cref="ObjectDisposedException"/>, and cancellation stays
/// <see cref="OperationCanceledException"/>.
/// </summary>
public class LlamaException : Exception
{
    /// <summary>Creates an exception with a message that says what, where, the value, the limit and the remedy.</summary>
    /// <param name="message">The whole message.</param>
    public LlamaException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message and the exception that led to it.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="innerException">The cause.</param>
    public LlamaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
