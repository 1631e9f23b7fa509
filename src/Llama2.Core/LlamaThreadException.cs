namespace Llama2;

/// <summary>
/// The system refuses another thread: a limit of the user (<c>ulimit -u</c>), of the service or container (<c>TasksMax</c>, <c>pids.max</c>), or memory.
/// Threads that were started for the call are ended; a model that is loaded goes on with those that it has.
/// </summary>
public sealed class LlamaThreadException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which thread was refused, and what would need fewer.</param>
    /// <param name="innerException">What the runtime says.</param>
    public LlamaThreadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
