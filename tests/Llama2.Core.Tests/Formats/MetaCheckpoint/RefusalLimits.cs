namespace Llama2.Tests.Formats.MetaCheckpoint;

/// <summary>
/// The limits for reading untrusted bytes: a tenth of a second of processor time, and 64 MiB allocated in total, including memory that was
/// garbage-collected meanwhile.
/// </summary>
internal static class RefusalLimits
{
    /// <summary>
    /// Runs an action; returns null, or the exception with which the bytes were refused. The test fails on any other exception, and if a limit is
    /// exceeded.
    /// </summary>
    public static ModelFormatException? Run(Action action, string what)
    {
        ModelFormatException? fault = null;
        TimeLimit.Verify(TimeSpan.FromMilliseconds(100), () =>
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            fault = RunOnce(action, what);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (allocated > 64 << 20)
                throw new InvalidOperationException($"{what}: {allocated:N0} bytes were allocated.");
        });
        return fault;
    }

    private static ModelFormatException? RunOnce(Action action, string what)
    {
        try
        {
            action();
            return null;
        }
        catch (ModelFormatException exception)
        {
            return exception;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"With {what}: {exception.Message}", exception);
        }
    }
}
