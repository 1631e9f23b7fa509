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
    [InlineData(KeyValueCacheType.I16, float.NaN)]
    [InlineData(KeyValueCacheType.I16, float.NegativeInfinity)]
    [InlineData(KeyValueCacheType.Q8_0, float.NaN)]
    [InlineData(KeyValueCacheType.Q8_0, float.PositiveInfinity)]
    public void StoreKey_NotFinite_IsRefused(KeyValueCacheType type, float number)
    {
        Attention attention = Create(type, 2, KernelTier.Portable);
        FluentActions.Invoking(() => attention.StoreKey([1, number], 0, new byte[attention.KeyBlockByteSize])).Should().Throw<NumericalException>();
        FluentActions.Invoking(() => attention.StoreValue([1, number], 0, new byte[attention.ValueBlockByteSize])).Should().Throw<NumericalException>();
    }

    [Theory]
    [MemberData(nameof(TiersAndTypes))]
    public void SetQuery_NotFinite_GivesNaN(string tier, string type)
    {
        float[] output = Attend(Enum.Parse<KeyValueCacheType>(type), Enum.Parse<KernelTier>(tier), [1, float.NaN], [1, 1], [1, 1]);

        output.Should().Equal(float.NaN, float.NaN);
    }

    // The sums of I16 are as large as they can be: all integers of a query, of the exponentials, and of the keys and values have the same sign and the same size.
    [Theory]
    [MemberData(nameof(TiersAndTypes))]
    public void AddBlock_EqualElementsInAFullBlock_DoNotOverflow(string tier, string type)
    {
        foreach (int headLength in (int[])[2, 64, 256])
        {
            float[] element = [.. Enumerable.Repeat(-1f, headLength)];

            float[] output = Attend(Enum.Parse<KeyValueCacheType>(type), Enum.Parse<KernelTier>(tier), element, element, element, Attention.BlockLength);

            // The scale of Q8_0 has 11 bits.
            output.Should().AllSatisfy(number => number.Should().BeApproximately(-1, type == nameof(KeyValueCacheType.Q8_0) ? 1f / 2048 : 3e-5f));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(float.Epsilon)]
    [InlineData(1e-36f)]
    public void AddBlock_TinyElements_GivesTheMeanOfTheValues(float element)
    {
        float[] output = Attend(KeyValueCacheType.I16, KernelTier.Portable, [element, element], [element, -element], [element, 1]);

        output.Should().HaveCount(2);
        output[0].Should().BeApproximately(element, 2e-4f);
        output[1].Should().BeApproximately(1, 3e-5f);
    }

    // The attention of one row to positions with equal keys and values.
    private static float[] Attend(KeyValueCacheType type, KernelTier tier, float[] query, float[] key, float[] value, int positionCount = 1)
    {
        Attention attention = Create(type, query.Length, tier);
        using var scratch = new AttentionScratch(query.Length);
        byte[] keys = new byte[attention.KeyBlockByteSize], values = new byte[attention.ValueBlockByteSize];
        for (int position = 0; position < positionCount; position++)
        {
            attention.StoreKey(key, position, keys);
            attention.StoreValue(value, position, values);
        }

        attention.Begin(1, scratch);
        attention.SetQuery(0, query, scratch);
        attention.AddBlock(keys, values, keys, values, 0, [positionCount - 1], scratch);
        float[] output = new float[query.Length];
        attention.Finish(0, output, scratch);
        return output;
    }

    private static Attention Create(KeyValueCacheType type, int headLength, KernelTier tier) => WeightMatrixFactory.CreateAttention(type, headLength, tier);

    // Random queries, keys and values, which every cache type but Q8_0 and I16 stores exactly. Row i attends to i positions; there are three blocks of
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
            float[] query = Query(_queries[row]);
            double scale = 1 / Math.Sqrt(_headLength);
            double[] scores = [.. keys.Select(key => scale * key.Zip(query, (k, q) => (double)k * q).Sum())];
            // With Q8_0's scales each product is rounded once more. The sums of I16 are exact; what is rounded is the sum's conversion, and the scales and their
            // products.
            int scaleBound = _type switch { KeyValueCacheType.Q8_0 => 1, KeyValueCacheType.I16 => 5, _ => 0 };
            // The roundings of a score are: one for scaling the query, and those of a chain of additions over the head's products.
            double scoreBound = keys.Max(key => scale * key.Zip(query, (k, q) => Math.Abs((double)k * q)).Sum()) * (_headLength + 1 + scaleBound);
            double max = scores.Max(), total = scores.Sum(score => Math.Exp(score - max));
            double[] weights = [.. scores.Select(score => Math.Exp(score - max) / total)];
            for (int i = 0; i < _headLength; i++)
            {
                double expected = 0, magnitude = 0;
                for (int position = 0; position < count; position++)
                {
                    expected += weights[position] * values[position][i];
                    magnitude += weights[position] * Math.Abs(values[position][i]);
                }

                // All errors occur twice: in the numerator and in the sum of weights. They are the errors of a score and of the maximum score, 2
                // units for the exponential function, and for each block the roundings of a chain of 64 additions, of a correction of the sum and of a final addition.
                double bound = (4 * (scoreBound + Math.Abs(max)) + 2 * (2 + 3 * (64 + 4 + scaleBound))) * Math.Pow(2, -24);
                ((double)output[i]).Should().BeApproximately(expected, magnitude * bound + RoundedWeights(weights, values, i));
            }
        }

        // The largest error that an element has because the exponentials of I16 are rounded to integers. One unit of them is the larger one of two numbers: the
        // largest exponential of a block, times its value's scale, divided by 32,767, and the sum of all of them divided by 2¹⁸ − 64.
        private double RoundedWeights(double[] weights, float[][] values, int element)
        {
            if (_type != KeyValueCacheType.I16)
            {
                return 0;
            }

            double error = 0;
            foreach ((double Weight, float[] Value)[] block in weights.Zip(values).Chunk(Attention.BlockLength))
            {
                double[] scales = [.. block.Select(pair => (double)pair.Value.Max(MathF.Abs) / 8191)], scaled = [.. block.Zip(scales, (pair, scale) => pair.Weight * scale)];
                double unit = Math.Max(scaled.Max() / 32767, scaled.Sum() / (262144 - 64));
                error += 0.5 * unit * block.Zip(scales, (pair, scale) => scale == 0 ? 0 : Math.Abs(pair.Value[element]) / scale).Sum();
            }

            return error * 1.0001;
        }

        // The query that is multiplied.
        private float[] Query(float[] query)
        {
            if (_type != KeyValueCacheType.I16)
            {
                return query;
            }

            float scale = MathF.Max(query.Max(MathF.Abs) / 32767, query.Sum(MathF.Abs) / (262144 - query.Length));
            return Rounded(query, scale);
        }

        private static float[] Rounded(float[] numbers, float scale) => [.. numbers.Select(number => scale == 0 ? 0 : scale * MathF.Round(number * (1 / scale)))];

        // The head as the cache returns it.
        private float[] Stored(float[] head)
        {
            if (_type == KeyValueCacheType.I16)
            {
                return Rounded(head, head.Max(MathF.Abs) / 8191);
            }

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
