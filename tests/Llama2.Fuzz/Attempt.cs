namespace Llama2.Fuzz;

/// <summary>
/// The limits for reading an input: two seconds of processor time, so that other work on the machine does not count, and 256 MiB of allocations,
/// including memory that was garbage-collected meanwhile. All exceptions must derive from <see cref="LlamaException"/>.
/// </summary>
internal static class Attempt
{
    private const long MaxAllocatedByteSize = 256 << 20;
    private static readonly TimeSpan s_maxTime = TimeSpan.FromSeconds(2);

    /// <summary>Reads an input.</summary>
    /// <returns>The exception that refused the input, or null.</returns>
    /// <exception cref="FuzzFaultException">Reading threw an undocumented exception or exceeded a limit.</exception>
    public static LlamaException? Run(FuzzTarget target, byte[] input)
    {
        TimeSpan clock = Environment.CpuUsage.TotalTime;
        long allocated = GC.GetTotalAllocatedBytes();
        LlamaException? refusal = Read(target, input);
        TimeSpan time = Environment.CpuUsage.TotalTime - clock;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        return allocated > MaxAllocatedByteSize ? throw new FuzzFaultException(FormattableString.Invariant($"allocated {allocated:N0} bytes; {refusal?.Message}"))
            : time > s_maxTime ? throw new FuzzFaultException(FormattableString.Invariant($"took {time}; {refusal?.Message}"))
            : refusal;
    }

    private static LlamaException? Read(FuzzTarget target, byte[] input)
    {
        try
        {
            target.Read(input);
            return null;
        }
        catch (LlamaException exception)
        {
            return exception;
        }
#pragma warning disable CA1031 // Any other exception is a fault, which fuzzing searches for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new FuzzFaultException(exception.ToString(), exception);
        }
    }
}
