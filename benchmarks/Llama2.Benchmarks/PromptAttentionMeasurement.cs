using System.Globalization;
using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures, for each cache type, the attention of the tokens in the middle of a prompt of 4,096 tokens: as many as are computed together, with one thread.
/// The heads are those of a small Llama, where 8 query heads of 64 elements share a key and value head, and those of Llama 2 7B, where each query head of 128
/// elements has its own. A measurement takes less than a millisecond, so that other programs disturb few of them.
/// </summary>
internal static class PromptAttentionMeasurement
{
    private const int FirstToken = 2048;

    /// <summary>Prints a line for each shape and cache type, on the best tier, with the share of the peak of float32 multiply-adds.</summary>
    public static void Run()
    {
        using var pool = new WorkerPool(1);
        double peak = MultiplyAddPeak.Measure(pool);
        foreach ((int headLength, int groupSize) in ((int, int)[])[(64, 8), (128, 1)])
        {
            foreach (KeyValueCacheType type in Enum.GetValues<KeyValueCacheType>())
            {
                Attention attention = WeightMatrixFactory.CreateAttention(type, headLength, WeightMatrixFactory.BestTier);
                using var tokens = new Tokens(attention, groupSize);
                double seconds = Stopwatches.Best(tokens.Attend);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{type,-5} {groupSize} x {headLength,3}: {seconds * 1e9 / Attention.MaxRowCount,7:F0} ns a token and head, {tokens.ProductCount / seconds / 1e9,6:F1} GMAC/s, {tokens.ProductCount / seconds / 1e9 / peak,4:P0} of the float32 peak"));
            }
        }
    }

    private sealed class Tokens : IDisposable
    {
        private readonly Attention _attention;
        private readonly AlignedBuffer<byte> _keys;
        private readonly AlignedBuffer<byte> _values;
        private readonly float[] _numbers;
        private readonly float[] _output;
        private readonly AttentionScratch _scratch;
        private readonly int[] _lastPositions;
        private readonly int _blockCount;

        public Tokens(Attention attention, int groupSize)
        {
            _attention = attention;
            _lastPositions = [.. Enumerable.Range(0, Attention.MaxRowCount).Select(row => FirstToken + row / groupSize)];
            _blockCount = _lastPositions[^1] / Attention.BlockLength + 1;
            _keys = new((long)_blockCount * attention.KeyBlockByteSize);
            _values = new((long)_blockCount * attention.ValueBlockByteSize);
            _scratch = new(attention.HeadLength);
            _output = new float[attention.HeadLength];
            _numbers = RandomMatrix.Values(4 * FirstToken);
            for (int position = 0; position < _blockCount * Attention.BlockLength; position++)
            {
                attention.StoreKey(_numbers.AsSpan(position, attention.HeadLength), position, Keys(position / Attention.BlockLength));
                attention.StoreValue(_numbers.AsSpan(position + attention.HeadLength, attention.HeadLength), position, Values(position / Attention.BlockLength));
            }
        }

        public double ProductCount => 2.0 * _attention.HeadLength * _lastPositions.Sum(position => position + 1);

        public void Attend()
        {
            _attention.Begin(_lastPositions.Length, _scratch);
            for (int row = 0; row < _lastPositions.Length; row++)
            {
                _attention.SetQuery(row, _numbers.AsSpan(FirstToken + row, _attention.HeadLength), _scratch);
            }

            for (int block = 0; block < _blockCount; block++)
            {
                int next = Math.Min(block + 1, _blockCount - 1);
                _attention.AddBlock(Keys(block), Values(block), Keys(next), Values(next), block * Attention.BlockLength, _lastPositions, _scratch);
            }

            for (int row = 0; row < _lastPositions.Length; row++)
            {
                _attention.Finish(row, _output, _scratch);
            }
        }

        public void Dispose()
        {
            _keys.Dispose();
            _values.Dispose();
            _scratch.Dispose();
        }

        private Span<byte> Keys(int block) => _keys.Slice((long)block * _attention.KeyBlockByteSize, _attention.KeyBlockByteSize);

        private Span<byte> Values(int block) => _values.Slice((long)block * _attention.ValueBlockByteSize, _attention.ValueBlockByteSize);
    }
}
