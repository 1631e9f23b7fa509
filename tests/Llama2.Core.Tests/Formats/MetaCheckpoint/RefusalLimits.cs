using System.Diagnostics;

namespace Llama2.Tests.Formats.MetaCheckpoint;

/// <summary>What reading untrusted bytes may cost: a tenth of a second, and 64 MiB in all, those that the collector took back among them.</summary>
internal static class RefusalLimits
{
    /// <summary>Runs an action; gives null or the exception that refused the bytes. Fails on any other exception and beyond the limits.</summary>
    public static ModelFormatException? Run(Action action, string what)
    {
        // A machine that is busy may hold one attempt up; bytes that are slow are slow three times.
        for (int attempt = 1; ; attempt++)
        {
            long clock = Stopwatch.GetTimestamp(), allocated = GC.GetAllocatedBytesForCurrentThread();
            ModelFormatException? fault = RunOnce(action, what);
            TimeSpan time = Stopwatch.GetElapsedTime(clock);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (allocated > 64 << 20)
                throw new InvalidOperationException($"{what}: {allocated:N0} bytes were allocated.");
            if (time < TimeSpan.FromMilliseconds(100))
                return fault;
            if (attempt == 3)
                throw new InvalidOperationException($"{what} took {time}.");
        }
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
