using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class QuantizedActivationsTests
{
    [Theory]
    [InlineData(32, false)]
    [InlineData(64, false)]
    [InlineData(256, false)]
    [InlineData(1056, false)]
    [InlineData(32, true)]
    [InlineData(64, true)]
    [InlineData(256, true)]
    [InlineData(1056, true)]
    public void Set_RandomActivations_EqualsScalarTwin(int width, bool powersOfTwo)
    {
        var random = new Random(width);
        using var quantized = new QuantizedActivations(1, width, powersOfTwo);
        for (int repeat = 0; repeat < 50; repeat++)
        {
            float[] activations = Random(random, width, MathF.Pow(10, repeat % 12 - 6));
            quantized.Set(0, activations, split: true);

            (float[] scales, sbyte[] values) = ScalarQuantization.Quantize(activations, powersOfTwo);
            CheckToken(quantized, 0, scales, values, powersOfTwo);
        }
    }

    [Theory]
    [InlineData(127f, 1f)]
    [InlineData(127.00001f, 2f)]
    [InlineData(63.5f, 0.5f)]
    [InlineData(254f, 2f)]
    [InlineData(0f, 8.2718061e-25f)] // 2^−80
    [InlineData(1e-30f, 8.2718061e-25f)]
    [InlineData(1e33f, 1.0141205e31f)] // 2^103
    [InlineData(2.5e33f, 2.028241e31f)] // 2^104
    public void Set_PowersOfTwo_TheScaleIsTheSmallestThatReachesTheLargestMagnitude(float magnitude, float scale)
    {
        using var quantized = new QuantizedActivations(1, 32, powersOfTwo: true);
        float[] activations = new float[32];
        activations[7] = -magnitude;
        quantized.Set(0, activations, split: false);

        Read(quantized, 0, 1).Scales[0].Should().Be(scale);
        ((double)Read(quantized, 0, 1).Values[7] * scale).Should().BeApproximately(-magnitude, scale / 2);
    }

    [Theory]
    [InlineData(3e33f)]
    [InlineData(float.MaxValue)]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Set_PowersOfTwoThatWouldBeTooLarge_MakeTheScaleAndTheBaseNaN(float magnitude)
    {
        using var quantized = new QuantizedActivations(1, 64, powersOfTwo: true);
        float[] activations = new float[64];
        (activations[5], activations[40]) = (magnitude, 1);
        quantized.Set(0, activations, split: false);

        Token token = Read(quantized, 0, 2);
        token.Scales.Select(float.IsNaN).Should().Equal(true, false);
        token.Bases.Select(float.IsNaN).Should().Equal(true, false);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(1e-30f)]
    [InlineData(float.MaxValue)]
    public void Set_AnyMagnitude_IsRoundedToTheNearestOfItsSteps(float magnitude)
    {
        using var quantized = new QuantizedActivations(1, 32, powersOfTwo: false);
        float[] activations = Random(new Random(2), 32, magnitude);
        quantized.Set(0, activations, split: true);

        Token token = Read(quantized, 0, 1);
        token.Values.Max(value => Math.Abs((int)value)).Should().Be(127);
        for (int i = 0; i < 32; i++)
        {
            // The error is at most half a quantization step, plus the float32 roundings of the scale and its inverse.
            Math.Abs(activations[i] - (double)token.Scales[0] * token.Values[i]).Should().BeLessThanOrEqualTo(token.Scales[0] * 0.50002);
        }
    }

    [Fact]
    public void Set_HalfSteps_RoundToEven()
    {
        using var quantized = new QuantizedActivations(1, 32, powersOfTwo: false);
        float[] activations = new float[32];
        float[] first = [127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f];
        first.CopyTo(activations, 0);
        quantized.Set(0, activations, split: true);

        Read(quantized, 0, 1).Values[..7].Should().Equal(127, 0, 2, 2, 0, -2, -2);
    }

    [Fact]
    public void Set_Zeros_GivesZeros()
    {
        using var quantized = new QuantizedActivations(1, 64, powersOfTwo: false);
        quantized.Set(0, Random(new Random(1), 64, 1), split: true);
        quantized.Set(0, new float[64], split: true);

        CheckToken(quantized, 0, new float[2], new sbyte[64]);
    }

    [Theory]
    [InlineData(float.Epsilon)]
    [InlineData(1e-40f)]
    [InlineData(3e-37f)]
    [InlineData(4e-37f)]
    public void Set_TinyActivations_StayTiny(float magnitude)
    {
        using var quantized = new QuantizedActivations(1, 32, powersOfTwo: false);
        float[] activations = new float[32];
        (activations[0], activations[5]) = (magnitude / 3, -magnitude);
        quantized.Set(0, activations, split: true);

        Token token = Read(quantized, 0, 1);
        token.Corrections4[0].Should().Be(-8 * token.Values.Sum(value => value));
        for (int i = 0; i < 32; i++)
        {
            Math.Abs(activations[i] - (double)token.Scales[0] * token.Values[i]).Should().BeLessThanOrEqualTo(magnitude);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Set_ActivationThatIsNotFinite_ShowsInItsBlocksScaleAlone(float bad)
    {
        using var quantized = new QuantizedActivations(1, 96, powersOfTwo: false);
        for (int position = 32; position < 64; position++)
        {
            float[] activations = Random(new Random(3), 96, 1);
            activations[position] = bad;
            quantized.Set(0, activations, split: true);

            Token token = Read(quantized, 0, 3);
            token.Scales.Select(float.IsFinite).Should().Equal(true, false, true);
            token.Values.Should().OnlyContain(value => value >= -127);
        }
    }

    [Fact]
    public void Set_Split_IsSixteenTimesTheHighPartAndTheLowPart()
    {
        using var quantized = new QuantizedActivations(8, 256, powersOfTwo: false);
        // With a scale of 1, every value from −127 to 127 occurs.
        for (int token = 0; token < 8; token++)
        {
            quantized.Set(token, [.. Enumerable.Range(0, 256).Select(i => i % 32 == 0 ? 127f : i - 127 - (i == 255 ? 1 : 0))], split: true);
        }

        for (int token = 0; token < 8; token++)
        {
            ActivationTile tile = quantized.TileFrom(token);
            for (int i = 0; i < 256; i++)
            {
                int value = Unsafe.Add(ref tile.Values, i / 32 * 256 + i % 32);
                int high = Unsafe.Add(ref tile.SplitValues, i / 32 * 512 + i % 32);
                int low = Unsafe.Add(ref tile.SplitValues, i / 32 * 512 + ActivationTile.SplitDistance + i % 32);
                (16 * high + low).Should().Be(value);
                high.Should().BeInRange(-8, 8);
                low.Should().BeInRange(-8, 7);
            }
        }
    }

    [Fact]
    public void TileFrom_EachTokenOfManyTiles_HoldsWhatWasSet()
    {
        for (int tokenCount = 0; tokenCount <= 17; tokenCount++)
        {
            var random = new Random(tokenCount);
            using var quantized = new QuantizedActivations(tokenCount, 96, powersOfTwo: false);
            float[][] tokens = [.. Enumerable.Range(0, tokenCount).Select(_ => Random(random, 96, 1))];
            for (int token = tokenCount - 1; token >= 0; token--)
            {
                quantized.Set(token, tokens[token], split: true);
            }

            for (int token = 0; token < tokenCount; token++)
            {
                (float[] scales, sbyte[] values) = ScalarQuantization.Quantize(tokens[token]);
                CheckToken(quantized, token, scales, values);
            }
        }
    }

    [Fact]
    public void TileFrom_TokensThatPadTheLastTile_AreZero()
    {
        using var quantized = new QuantizedActivations(9, 64, powersOfTwo: false);
        for (int token = 0; token < 9; token++)
        {
            quantized.Set(token, Random(new Random(token), 64, 1), split: true);
        }

        for (int token = 9; token < 16; token++)
        {
            CheckToken(quantized, token, new float[2], new sbyte[64]);
        }
    }

    [Fact]
    public void Set_WrongLength_Throws()
    {
        using var quantized = new QuantizedActivations(1, 64, powersOfTwo: false);
        Action set = () => quantized.Set(0, new float[32], split: true);
        set.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Set_PartsOfTheColumns_StoresWhatTheWholeTokenStores()
    {
        using var quantized = new QuantizedActivations(3, 160, powersOfTwo: false);
        float[] activations = Random(new Random(1), 160, 1);
        quantized.Set(1, 96, activations.AsSpan(96, 64), split: true);
        quantized.Set(1, 32, activations.AsSpan(32, 64), split: true);
        quantized.Set(1, 0, activations.AsSpan(0, 32), split: true);
        (float[] scales, sbyte[] values) = ScalarQuantization.Quantize(activations);
        CheckToken(quantized, 1, scales, values);
        CheckToken(quantized, 0, new float[5], new sbyte[160]);
        CheckToken(quantized, 2, new float[5], new sbyte[160]);
    }

    [Theory]
    [InlineData(16, 32)]
    [InlineData(0, 48)]
    [InlineData(16, 16)]
    [InlineData(32, 64)]
    [InlineData(96, 32)]
    [InlineData(-32, 32)]
    public void Set_ColumnsThatAreNotWholeBlocksOfTheToken_Throws(int firstColumn, int count)
    {
        using var quantized = new QuantizedActivations(1, 64, powersOfTwo: false);
        Action set = () => quantized.Set(0, firstColumn, new float[count], split: false);
        set.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Set_AfterDispose_ThrowsObjectDisposedException()
    {
        var quantized = new QuantizedActivations(1, 32, powersOfTwo: false);
        quantized.Dispose();
        Action set = () => quantized.Set(0, new float[32], split: true);
        set.Should().Throw<ObjectDisposedException>();
    }

    private static float[] Random(Random random, int width, float magnitude) =>
        [.. Enumerable.Range(0, width).Select(_ => (2 * random.NextSingle() - 1) * magnitude)];

    private static void CheckToken(QuantizedActivations quantized, int index, float[] scales, sbyte[] values, bool powersOfTwo = false)
    {
        Token token = Read(quantized, index, scales.Length);
        token.Scales.Should().Equal(scales);
        token.Values.AsSpan().SequenceEqual(values).Should().BeTrue();
        for (int block = 0; block < scales.Length; block++)
        {
            int first = values.Skip(32 * block).Take(16).Sum(value => value), last = values.Skip(32 * block + 16).Take(16).Sum(value => value);
            int sum = first + last;
            token.Corrections8[block].Should().Be(-128 * sum);
            token.ScaledSums[block].Should().Be(scales[block] * sum);
            if (!powersOfTwo)
            {
                (token.Corrections4[block], token.Corrections5[block]).Should().Be((-8 * sum, -16 * sum));
                continue;
            }

            token.Bases[block].Should().Be(1.5f * (1 << 23) * scales[block]);
            foreach ((int half, int halfSum) in (IEnumerable<(int, int)>)[(0, first), (1, last)])
            {
                // Added to a start, a sum of products becomes a float.
                (BitConverter.Int32BitsToSingle(token.HalfStarts3[2 * block + half] + 1000) - token.Bases[block]).Should().Be((1000 - 4 * halfSum) * scales[block]);
                (BitConverter.Int32BitsToSingle(token.HalfStarts6[2 * block + half] + 1000) - token.Bases[block]).Should().Be((1000 - 32 * halfSum) * scales[block]);
                token.ScaledHalfSums[2 * block + half].Should().Be(scales[block] * halfSum);
            }
        }
    }

    // The layout that ActivationTile documents, for one of its tokens.
    private static Token Read(QuantizedActivations quantized, int token, int blockCount)
    {
        ActivationTile tile = quantized.TileFrom(token);
        var result = new Token(
            new sbyte[32 * blockCount], Strided(ref tile.Scales, blockCount, 1), Strided(ref tile.ScaledSums, blockCount, 1), Strided(ref tile.ScaledHalfSums, blockCount, 2),
            Strided(ref tile.Corrections4, blockCount, 1), Strided(ref tile.Corrections5, blockCount, 1), Strided(ref tile.Corrections8, blockCount, 1),
            Strided(ref tile.HalfStarts3, blockCount, 2), Strided(ref tile.HalfStarts6, blockCount, 2), Strided(ref tile.Bases, blockCount, 1));
        ReadOnlySpan<sbyte> values = MemoryMarshal.CreateReadOnlySpan(ref tile.Values, (blockCount - 1) * 256 + 32);
        for (int block = 0; block < blockCount; block++)
        {
            values.Slice(256 * block, 32).CopyTo(result.Values.AsSpan(32 * block));
        }

        return result;
    }

    // The numbers of one token: a fixed count for each block. In memory they are interleaved with the numbers of seven other tokens.
    private static T[] Strided<T>(ref T first, int blockCount, int countPerBlock)
    {
        T[] result = new T[blockCount * countPerBlock];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Unsafe.Add(ref first, 8 * i);
        }

        return result;
    }

    private sealed record Token(
        sbyte[] Values, float[] Scales, float[] ScaledSums, float[] ScaledHalfSums,
        int[] Corrections4, int[] Corrections5, int[] Corrections8, int[] HalfStarts3, int[] HalfStarts6, float[] Bases);
}
