using System.Diagnostics;
using System.Globalization;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures, for each cache type, the attention of one token to 4,096 positions. The key-value caches have 128 heads and do not fit in the processor's caches.
/// This is the work of decoding with 4 layers of the shape of Llama 2 7B. Rows are the query heads that share a key and value head.
/// </summary>
internal static class AttentionMeasurement
{
    private const int HeadLength = 128;
    private const int HeadCount = 128;
    private const int BlockCount = 4096 / Attention.BlockLength;

    /// <summary>Prints a line for each number of rows, cache type and number of threads, on the best tier.</summary>
    public static void Run()
    {
        foreach (KeyValueCacheType type in Enum.GetValues<KeyValueCacheType>())
        {
            Attention attention = WeightMatrixFactory.CreateAttention(type, HeadLength, WeightMatrixFactory.BestTier);
            using var keys = new AlignedBuffer<byte>((long)HeadCount * BlockCount * attention.KeyBlockByteSize);
            using var values = new AlignedBuffer<byte>((long)HeadCount * BlockCount * attention.ValueBlockByteSize);
            Fill(attention, keys, values);
            foreach (int threads in new[] { 1, 2 })
            {
                foreach (int rows in new[] { 1, 4, 8, Attention.MaxRowCount })
                {
                    double seconds = Measure(new Heads(attention, keys, values, rows, threads), threads);
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{type,-5} {rows,2} row(s) {threads} thread(s): {seconds * 1e6 / HeadCount,8:F1} µs a head, {(keys.Length + values.Length) / seconds / 1e9,6:F1} GB/s of cache"));
                }
            }
        }
    }

    private static void Fill(Attention attention, AlignedBuffer<byte> keys, AlignedBuffer<byte> values)
    {
        float[] numbers = RandomMatrix.Values(HeadLength + Attention.BlockLength);
        Span<byte> key = keys.Slice(0, attention.KeyBlockByteSize), value = values.Slice(0, attention.ValueBlockByteSize);
        for (int position = 0; position < Attention.BlockLength; position++)
        {
            attention.StoreKey(numbers.AsSpan(position, HeadLength), position, key);
            attention.StoreValue(numbers.AsSpan(position, HeadLength), position, value);
        }

        for (int block = 1; block < HeadCount * BlockCount; block++)
        {
            key.CopyTo(keys.Slice((long)block * key.Length, key.Length));
            value.CopyTo(values.Slice((long)block * value.Length, value.Length));
        }
    }

    private static double Measure(Heads heads, int threads)
    {
        using var pool = new WorkerPool(threads);
        double best = double.MaxValue;
        for (int i = 0; i < 10; i++)
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(heads, HeadCount);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private readonly struct Heads(Attention attention, AlignedBuffer<byte> keys, AlignedBuffer<byte> values, int rowCount, int threads) : IParallelWork
    {
        private readonly AttentionScratch[] _scratch = [.. Enumerable.Range(0, threads).Select(_ => new AttentionScratch(HeadLength))];
        private readonly int[] _lastPositions = [.. Enumerable.Repeat(BlockCount * Attention.BlockLength - 1, rowCount)];

        public void Run(int start, int end, int worker)
        {
            for (int head = start; head < end; head++)
            {
                Attend(head, _scratch[worker]);
            }
        }

        private void Attend(int head, AttentionScratch scratch)
        {
            attention.Begin(rowCount, scratch);
            for (int block = 0; block < BlockCount; block++)
            {
                int next = Math.Min(block + 1, BlockCount - 1);
                attention.AddBlock(
                    Part(keys, head, block, attention.KeyBlockByteSize), Part(values, head, block, attention.ValueBlockByteSize),
                    Part(keys, head, next, attention.KeyBlockByteSize), Part(values, head, next, attention.ValueBlockByteSize),
                    block * Attention.BlockLength, _lastPositions, scratch);
            }
        }

        // The layout is that of the key-value cache, whose pages are blocks of positions: the heads of a block are side by side.
        private static Span<byte> Part(AlignedBuffer<byte> buffer, int head, int block, int byteSize)
            => buffer.Slice(((long)block * HeadCount + head) * byteSize, byteSize);
    }
}
