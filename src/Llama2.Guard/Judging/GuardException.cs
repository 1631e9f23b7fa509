namespace Llama2.Guard;

/// <summary>A guard cannot judge a message, or a guard's policy or rules are malformed. A message that was not judged is not known to be safe.</summary>
public sealed class GuardException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The whole message, without any of the judged text.</param>
    public GuardException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="message">The whole message, without any of the judged text.</param>
    /// <param name="innerException">The cause.</param>
    public GuardException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
