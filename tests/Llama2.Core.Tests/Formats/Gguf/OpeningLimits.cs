using Llama2.Formats.Gguf;

namespace Llama2.Tests.Formats.Gguf;

/// <summary>The limits on memory and time within which any file must be opened or refused.</summary>
internal static class OpeningLimits
{
    /// <summary>
    /// Opens a file and uses it; returns null, or the exception that refused it. The test fails on any other exception, on allocations of more than 4
    /// × the file's size + 16 MiB (including memory that was garbage-collected meanwhile), and on more than one second of processor time.
    /// </summary>
    public static ModelFormatException? OpenWithinLimits(byte[] bytes, Action<GgufFile>? use = null)
    {
        ModelFormatException? fault = null;
        TimeLimit.Verify(TimeSpan.FromSeconds(1), () => fault = Open(bytes, use));
        return fault;
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
