using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Tests.Kernels;

public class AttentionTests
{
    public static TheoryData<string, string> TiersAndTypes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (KernelTier tier in Tiers.Supported)
            {
                foreach (KeyValueCacheType type in Enum.GetValues<KeyValueCacheType>())
                {
                    data.Add(tier.ToString(), type.ToString());
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TiersAndTypes))]
    public void AddBlock_RandomRows_EqualsDoublePrecisionTwin(string tier, string type)
    {
        foreach (int headLength in (int[])[2, 8, 30, 40, 64, 128])
        {
            foreach (int rowCount in (int[])[1, 3, 8, 9, 32])
            {
                var problem = new Problem(Enum.Parse<KeyValueCacheType>(type), headLength, rowCount, seed: headLength * 100 + rowCount);

                float[][] outputs = problem.Solve(Enum.Parse<KernelTier>(tier), 0, rowCount);

                for (int row = 0; row < rowCount; row++)
                {
                    problem.Check(row, outputs[row]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TiersAndTypes))]
    public void AddBlock_RowsTogether_AreBitForBitEachRowAlone(string tier, string type)
    {
        var problem = new Problem(Enum.Parse<KeyValueCacheType>(type), headLength: 30, rowCount: 19, seed: 5);
        float[][] together = problem.Solve(Enum.Parse<KernelTier>(tier), 0, 19);
        for (int row = 0; row < 19; row++)
        {
            problem.Solve(Enum.Parse<KernelTier>(tier), row, 1)[0].AsSpan().SequenceEqual(together[row]).Should().BeTrue();
            problem.Solve(KernelTier.Portable, row, 1)[0].AsSpan().SequenceEqual(together[row]).Should().BeTrue("tiers do the same arithmetic");
        }
    }

    [Fact]
    public void AddBlock_ScoresNearAThousand_DoNotOverflow()
    {
        Attention attention = Create(KeyValueCacheType.F32, 2, KernelTier.Portable);
        using var scratch = new AttentionScratch(2);
        byte[] keys = new byte[attention.KeyBlockByteSize], values = new byte[attention.ValueBlockByteSize];
        for (int position = 0; position < 3; position++)
        {
            attention.StoreKey([1000 + position, 0], position, keys);
            attention.StoreValue([position, 1], position, values);
        }

        attention.Begin(1, scratch);
        attention.SetQuery(0, [100, 0], scratch);
        attention.AddBlock(keys, values, keys, values, 0, [2], scratch);
        float[] output = new float[2];
        attention.Finish(0, output, scratch);

        output.Should().Equal(2, 1);
    }

    [Theory]
    [InlineData(KeyValueCacheType.F16, float.NaN)]
    [InlineData(KeyValueCacheType.F16, float.PositiveInfinity)]
    [InlineData(KeyValueCacheType.Q8_0, float.NaN)]
    [InlineData(KeyValueCacheType.Q8_0, float.PositiveInfinity)]
    public void StoreKey_NotFinite_IsRefused(KeyValueCacheType type, float number)
    {
        Attention attention = Create(type, 2, KernelTier.Portable);
        FluentActions.Invoking(() => attention.StoreKey([1, number], 0, new byte[attention.KeyBlockByteSize])).Should().Throw<NumericalException>();
        FluentActions.Invoking(() => attention.StoreValue([1, number], 0, new byte[attention.ValueBlockByteSize])).Should().Throw<NumericalException>();
    }

    private static Attention Create(KeyValueCacheType type, int headLength, KernelTier tier) => WeightMatrixFactory.CreateAttention(type, headLength, tier);

    // Random queries, keys and values, which every cache type but Q8_0 stores exactly. Row i attends to i positions; there are three blocks of
    // positions.
    private sealed class Problem
    {
        private const int PositionCount = 150;
        private readonly KeyValueCacheType _type;
        private readonly int _headLength;
        private readonly float[][] _queries;
        private readonly float[][] _keys;
        private readonly float[][] _values;
        private readonly int[] _lastPositions;

        public Problem(KeyValueCacheType type, int headLength, int rowCount, int seed)
        {
            var random = new Random(seed);
            float[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, headLength).Select(_ => random.Next(-128, 128) / 64f).ToArray())];
            _type = type;
            _headLength = headLength;
            _queries = Rows(rowCount);
            _keys = Rows(PositionCount);
            _values = Rows(PositionCount);
            _lastPositions = [.. Enumerable.Range(0, rowCount).Select(row => row * 37 % PositionCount)];
        }

        public float[][] Solve(KernelTier tier, int firstRow, int rowCount)
        {
            Attention attention = Create(_type, _headLength, tier);
            using var scratch = new AttentionScratch(_headLength);
            int[] lastPositions = _lastPositions[firstRow..(firstRow + rowCount)];
            attention.Begin(rowCount, scratch);
            for (int row = 0; row < rowCount; row++)
            {
                attention.SetQuery(row, _queries[firstRow + row], scratch);
            }

            for (int first = 0; first <= lastPositions.Max(); first += Attention.BlockLength)
            {
                byte[] keys = new byte[attention.KeyBlockByteSize], values = new byte[attention.ValueBlockByteSize];
                for (int position = first; position < Math.Min(first + Attention.BlockLength, PositionCount); position++)
                {
                    attention.StoreKey(_keys[position], position, keys);
                    attention.StoreValue(_values[position], position, values);
                }

                attention.AddBlock(keys, values, keys, values, first, lastPositions, scratch);
            }

            float[][] outputs = [.. Enumerable.Range(0, rowCount).Select(_ => new float[_headLength])];
            for (int row = 0; row < rowCount; row++)
            {
                attention.Finish(row, outputs[row], scratch);
            }

            return outputs;
        }

        public void Check(int row, float[] output)
        {
            int count = _lastPositions[row] + 1;
            float[][] keys = [.. _keys[..count].Select(Stored)], values = [.. _values[..count].Select(Stored)];
            double scale = 1 / Math.Sqrt(_headLength);
            double[] scores = [.. keys.Select(key => scale * key.Zip(_queries[row], (k, q) => (double)k * q).Sum())];
            // With Q8_0's scales the chains of additions are shorter, and each product is rounded once more.
            int scaleBound = _type == KeyValueCacheType.Q8_0 ? 1 : 0;
            // The roundings of a score are: one for scaling the query, those of a chain of additions over half the head's products, and one for a
            // final addition.
            double scoreBound = keys.Max(key => scale * key.Zip(_queries[row], (k, q) => Math.Abs((double)k * q)).Sum()) * (_headLength / 2 + 2 + scaleBound);
            double max = scores.Max(), total = scores.Sum(score => Math.Exp(score - max));
            for (int i = 0; i < _headLength; i++)
            {
                double expected = 0, magnitude = 0;
                for (int position = 0; position < count; position++)
                {
                    double weight = Math.Exp(scores[position] - max) / total;
                    expected += weight * values[position][i];
                    magnitude += weight * Math.Abs(values[position][i]);
                }

                // All errors occur twice: in the numerator and in the sum of weights. They are the errors of a score and of the maximum score, 2
                // units for the exponential function, and for each block the roundings of a chain of 32 additions, of a correction of the sum and of a final addition.
                double bound = (4 * (scoreBound + Math.Abs(max)) + 2 * (2 + 3 * (32 + 4 + scaleBound))) * Math.Pow(2, -24);
                ((double)output[i]).Should().BeApproximately(expected, magnitude * bound);
            }
        }

        // The head as the cache returns it.
        private float[] Stored(float[] head)
        {
            if (_type != KeyValueCacheType.Q8_0)
            {
                return head;
            }

            return [.. head.Chunk(32).SelectMany(group =>
            {
                float scale = (float)(Half)(group.Max(MathF.Abs) / 127);
                return group.Select(element => scale == 0 ? 0 : scale * Math.Clamp(MathF.Round(element * (1 / scale)), -127, 127));
            })];
        }
    }
}
