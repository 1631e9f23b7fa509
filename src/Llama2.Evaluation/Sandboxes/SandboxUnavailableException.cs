namespace Llama2.Evaluation;

/// <summary>
/// Programs cannot be run safely on this machine, so they are not run at all. The message says what is missing or not secure, and the remedy.
/// </summary>
public sealed class SandboxUnavailableException : LlamaException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">The whole message.</param>
    public SandboxUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with its cause.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="innerException">The cause.</param>
    public SandboxUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
