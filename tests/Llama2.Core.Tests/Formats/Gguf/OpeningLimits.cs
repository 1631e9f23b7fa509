using System.Diagnostics;
using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.Gguf;

/// <summary>What opening a file may cost, whatever its bytes.</summary>
internal static class OpeningLimits
{
    /// <summary>
    /// Opens a file and uses it; gives null or the exception that refused it. Fails on any other exception, on more than
    /// 4 × the file + 16 MiB of allocations (those that the collector took back among them), and on more than a second.
    /// </summary>
    public static ModelFormatException? OpenWithinLimits(byte[] bytes, Action<GgufFile>? use = null)
    {
        // A machine that is busy may hold one attempt up; a file that is slow is slow three times.
        for (int attempt = 1; ; attempt++)
        {
            long clock = Stopwatch.GetTimestamp();
            ModelFormatException? fault = Open(bytes, use);
            if (Stopwatch.GetElapsedTime(clock) <= TimeSpan.FromSeconds(1))
                return fault;
            if (attempt == 3)
                throw new InvalidOperationException($"A file of {bytes.Length:N0} bytes took more than a second.");
        }
    }

    private static ModelFormatException? Open(byte[] bytes, Action<GgufFile>? use)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        ModelFormatException? fault = null;
        try
        {
            using GgufFile file = GgufFile.Open(new MemoryByteSource(bytes));
            use?.Invoke(file);
        }
        catch (ModelFormatException exception)
        {
            fault = exception;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return allocated <= (4L * bytes.Length) + (16 << 20)
            ? fault
            : throw new InvalidOperationException($"{allocated:N0} bytes were allocated for a file of {bytes.Length:N0}.");
    }
}
