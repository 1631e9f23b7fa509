using System.Diagnostics;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Threading;

namespace Llama2;

/// <summary>Measures how fast this machine reads memory. This speed limits how fast a text is generated, because every weight is read once for each token.</summary>
/// <remarks>
/// The method is synchronous because it measures with all threads for up to about a second. Where the calling thread must stay free, call it within
/// <c>Task.Run</c>.
/// </remarks>
public static class MemoryBandwidth
{
    // The buffer is larger than the last-level cache that a thread can fill on any known processor. The largest such cache is that of EPYC with stacked cache:
    // 96 MB for each core complex.
    private const long BufferByteSize = 512L << 20;
    private const int PartByteSize = 1 << 20;
    private const int RepeatCount = 7;

    /// <summary>Reads half a gibibyte several times with as many threads as a model would use; takes about a tenth of a second to a second.</summary>
    /// <param name="threadCount">The number of threads that read at the same time, 1 to 1,024; null takes <see cref="LlamaHardware.PhysicalCoreCount"/>.</param>
    /// <param name="cancellationToken">Ends the measurement between two passes.</param>
    /// <returns>The bandwidth in bytes per second, the median of 7 passes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is out of range.</exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory for the buffer.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static double MeasureRead(int? threadCount = null, CancellationToken cancellationToken = default)
    {
        int count = new LlamaModelOptions { ThreadCount = threadCount }.ThreadCount ?? LlamaHardware.PhysicalCoreCount;
        MemoryBudget.Require(BufferByteSize, "measuring how fast memory is read", "Free some memory first");
        using var buffer = new AlignedBuffer<byte>(BufferByteSize);
        using var pool = new WorkerPool(count);
        ulong[] sums = new ulong[BufferByteSize / PartByteSize];
        // All pages are written first, because pages that were never written share one page of zeros, which would be read from the cache.
        pool.Run(new FillParts(buffer), sums.Length);
        double[] speeds = new double[RepeatCount];
        for (int i = 0; i < RepeatCount; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            pool.Run(new ReadParts(buffer, sums), sums.Length);
            speeds[i] = BufferByteSize / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(speeds);
        return speeds[RepeatCount / 2];
    }

    private readonly record struct FillParts(AlignedBuffer<byte> Buffer) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int part = start; part < end; part++)
            {
                Buffer.Slice((long)part * PartByteSize, PartByteSize).Fill(1);
            }
        }
    }

    private readonly record struct ReadParts(AlignedBuffer<byte> Buffer, ulong[] Sums) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int part = start; part < end; part++)
            {
                Sums[part] = MemoryRead.Fold(Buffer.Slice((long)part * PartByteSize, PartByteSize));
            }
        }
    }
}
