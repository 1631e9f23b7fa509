using System.Diagnostics;
using System.Globalization;
using Llama2.Memory;
using Llama2.Threading;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures how long it takes to copy a file's bytes into memory that the process has not touched before, with several threads. A model that is not
/// mapped cannot be loaded faster, so loading is compared with it.
/// </summary>
internal static class CopyMeasurement
{
    private const int PartByteSize = 1 << 20;

    /// <summary>Copies the file twice, and prints the seconds of the second copy, whose bytes are in the page cache, as a JSON object.</summary>
    public static void Run(string path, int threadCount)
    {
        using FileStream file = File.OpenRead(path);
        using var pool = new WorkerPool(threadCount);
        Copy(file, pool);
        double seconds = Copy(file, pool);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"copy_seconds": {{seconds:F4}}, "file_bytes": {{file.Length}}}"""));
    }

    private static double Copy(FileStream file, WorkerPool pool)
    {
        long start = Stopwatch.GetTimestamp();
        using var buffer = new AlignedBuffer<byte>(file.Length);
        pool.Run(new CopyParts(file, buffer), (int)((file.Length + PartByteSize - 1) / PartByteSize));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private readonly record struct CopyParts(FileStream File, AlignedBuffer<byte> Buffer) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int part = start; part < end; part++)
            {
                long offset = (long)part * PartByteSize;
                Span<byte> target = Buffer.Slice(offset, (int)Math.Min(PartByteSize, Buffer.Length - offset));
                while (target.Length > 0)
                {
                    int read = RandomAccess.Read(File.SafeFileHandle, target, offset);
                    if (read == 0)
                    {
                        throw new EndOfStreamException($"The file '{File.Name}' became shorter while it was read.");
                    }

                    target = target[read..];
                    offset += read;
                }
            }
        }
    }
}
