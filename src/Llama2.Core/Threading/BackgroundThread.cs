namespace Llama2.Threading;

/// <summary>Starts threads that do not keep the process alive.</summary>
internal static class BackgroundThread
{
    /// <summary>Starts a thread without the caller's execution context, which would otherwise be kept alive as long as the thread.</summary>
    /// <param name="run">The code of the thread.</param>
    /// <param name="name">The thread's name in a debugger.</param>
    /// <exception cref="LlamaThreadException">The system refuses to start the thread.</exception>
    public static Thread Start(Action run, string name)
    {
        try
        {
            var thread = new Thread(new ThreadStart(run)) { IsBackground = true, Name = name };
            thread.UnsafeStart();
            return thread;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            throw Refused(name, exception);
        }
    }

    /// <summary>Creates the exception for a thread that the operating system refused to start.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="exception">The exception of the .NET runtime.</param>
    public static LlamaThreadException Refused(string name, Exception exception) =>
        new($"The system refuses the thread '{name}': use fewer threads ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ThreadCount)}, --threads), or raise the limit of the user (ulimit -u), the service (TasksMax) or the container (pids.max).", exception);
}
