namespace Llama2;

/// <summary>
/// The operating system refuses to start another thread. The cause is a limit of the user (<c>ulimit -u</c>), of the service or container
/// (<c>TasksMax</c>, <c>pids.max</c>), or a lack of memory. Threads that were already started for the call have ended; a loaded model continues with
/// the threads that it has.
/// </summary>
public sealed class LlamaThreadException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which thread was refused, and how to use fewer threads.</param>
    /// <param name="innerException">The exception of the .NET runtime.</param>
    public LlamaThreadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
