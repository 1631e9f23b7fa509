namespace Llama2.Fuzz;

/// <summary>What reading an input may cost and throw: two seconds of processor time, which other work on the machine does not lengthen, 256 MiB, those that the collector took back among them, and a <see cref="LlamaException"/>.</summary>
internal static class Attempt
{
    private const long MaxAllocatedByteSize = 256 << 20;
    private static readonly TimeSpan s_maxTime = TimeSpan.FromSeconds(2);

    /// <summary>Reads an input.</summary>
    /// <returns>What refused it, or null.</returns>
    /// <exception cref="FuzzFaultException">Reading threw an undocumented exception, or exceeded a limit.</exception>
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
#pragma warning disable CA1031 // Any other is what is looked for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new FuzzFaultException(exception.ToString(), exception);
        }
    }
}
