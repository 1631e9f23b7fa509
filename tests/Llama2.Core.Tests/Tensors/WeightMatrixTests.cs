using System.Buffers.Binary;
using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Tests.Kernels;

namespace Llama2.Tests.Tensors;

public class WeightMatrixTests
{
    private static readonly int[] s_rowCounts = [1, 15, 16, 17, 40, 72];
    private static readonly int[] s_tokenCounts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17];

    public static TheoryData<GgmlType> Types => RandomBlocks.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void Multiply_RandomWeights_EqualsDoublePrecisionTwin(GgmlType type)
    {
        var random = new Random((int)type);
        foreach (int rowCount in s_rowCounts)
        {
            foreach (int columnCount in ColumnCounts(type))
            {
                byte[] rows = RandomBlocks.Make(type, rowCount, columnCount, random);
                CheckAgainstTwin(type, rows, rowCount, RandomTokens(random, 17, columnCount));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Multiply_AllBitsOfTheCodesSet_EqualsDoublePrecisionTwin(GgmlType type)
    {
        // Every code and group scale is at one end of its range and every activation is ±127: the case in which 16-bit sums come closest to overflow.
        int columnCount = 2 * ColumnCounts(type)[0], size = GgmlTypes.BlockByteSize(type);
        foreach (byte pattern in (byte[])[0x00, 0xFF, 0x7F, 0x80, 0x0F, 0xF0])
        {
            byte[] rows = RandomBlocks.Make(type, 17, columnCount, new Random(1));
            if (RandomBlocks.HalfOffsets(type) is { Length: > 0 } scales && type != GgmlType.F16)
            {
                for (int i = 0; i < rows.Length; i++)
                {
                    rows[i] = scales.Any(offset => i % size - offset is 0 or 1) ? rows[i] : pattern;
                }
            }

            float[][] tokens =
            [
                [.. Enumerable.Repeat(1f, columnCount)], [.. Enumerable.Repeat(-1f, columnCount)],
                [.. Enumerable.Range(0, columnCount).Select(i => i % 2 == 0 ? 1f : -1f)],
            ];
            CheckAgainstTwin(type, rows, 17, tokens);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Multiply_AnyTierAndTokenCount_GivesTheSameBits(GgmlType type)
    {
        var random = new Random((int)type);
        foreach (int rowCount in s_rowCounts)
        {
            foreach (int columnCount in ColumnCounts(type))
            {
                byte[] rows = RandomBlocks.Make(type, rowCount, columnCount, random);
                float[][] tokens = RandomTokens(random, 17, columnCount);
                float[][] before = RandomTokens(random, 17, rowCount);
                float[][]? expected = null, expectedSums = null;
                foreach (KernelTier tier in Tiers.Supported)
                {
                    using WeightMatrix matrix = Fill(type, rows, rowCount, columnCount, tier);
                    foreach (int tokenCount in s_tokenCounts.Reverse())
                    {
                        float[][] products = Multiply(matrix, tokens, tokenCount, null), sums = Multiply(matrix, tokens, tokenCount, before);
                        expected ??= products;
                        expectedSums ??= sums;
                        CheckSame(products, expected, $"{tier}, {rowCount} × {columnCount}, {tokenCount} tokens");
                        CheckSame(sums, expectedSums, $"{tier}, {rowCount} × {columnCount}, {tokenCount} tokens, accumulating");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Multiply_MorePanelsThanFitInACache_GivesTheSameBits(GgmlType type)
    {
        // Panels of at least 32 KiB: many tokens are multiplied with a few panels at a time.
        const int RowCount = 200, ColumnCount = 8192;
        var random = new Random((int)type);
        byte[] rows = RandomBlocks.Make(type, RowCount, ColumnCount, random);
        float[][] tokens = RandomTokens(random, 17, ColumnCount);
        float[][]? expected = null;
        foreach (KernelTier tier in Tiers.Supported)
        {
            using WeightMatrix matrix = Fill(type, rows, RowCount, ColumnCount, tier);
            foreach (int tokenCount in (int[])[17, 9, 8, 1])
            {
                float[][] products = Multiply(matrix, tokens, tokenCount, null);
                expected ??= products;
                CheckSame(products, expected, $"{tier}, {tokenCount} tokens");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Multiply_TokensOfALongPrompt_GivesTheSameBits(GgmlType type)
    {
        // More columns than are widened at a time, more tokens than are summed at a time, and panels that are not all in groups of three.
        const int RowCount = 120, ColumnCount = 1280, TokenCount = 261;
        var random = new Random((int)type);
        byte[] rows = RandomBlocks.Make(type, RowCount, ColumnCount, random);
        float[][] tokens = RandomTokens(random, TokenCount, ColumnCount), before = RandomTokens(random, TokenCount, RowCount);
        float[][]? expected = null, expectedSums = null;
        foreach (KernelTier tier in Tiers.Supported)
        {
            using WeightMatrix matrix = Fill(type, rows, RowCount, ColumnCount, tier);
            foreach (int tokenCount in (int[])[TokenCount, 129, 65, 64, 18])
            {
                float[][] products = Multiply(matrix, tokens, tokenCount, null), sums = Multiply(matrix, tokens, tokenCount, before);
                expected ??= [.. tokens.Select(token => Multiply(matrix, [token], 1, null)[0])];
                expectedSums ??= [.. tokens.Select((token, i) => Multiply(matrix, [token], 1, [before[i]])[0])];
                CheckSame(products, expected, $"{tier}, {tokenCount} tokens");
                CheckSame(sums, expectedSums, $"{tier}, {tokenCount} tokens, accumulating");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Multiply_Accumulating_AddsToTheOutput(GgmlType type)
    {
        var random = new Random((int)type);
        int columnCount = ColumnCounts(type)[1];
        byte[] rows = RandomBlocks.Make(type, 40, columnCount, random);
        float[][] tokens = RandomTokens(random, 17, columnCount), before = RandomTokens(random, 17, 40);
        foreach (KernelTier tier in Tiers.Supported)
        {
            using WeightMatrix matrix = Fill(type, rows, 40, columnCount, tier);
            foreach (int tokenCount in s_tokenCounts)
            {
                float[][] products = Multiply(matrix, tokens, tokenCount, null);
                float[][] sums = [.. products.Select((product, token) => product.Zip(before[token], (x, y) => x + y).ToArray())];
                CheckSame(Multiply(matrix, tokens, tokenCount, before), sums, $"{tier}, {tokenCount} tokens");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Multiply_SomePanelsAndTokens_LeavesTheOthersAlone(GgmlType type)
    {
        var random = new Random((int)type);
        int columnCount = ColumnCounts(type)[0];
        float[][] tokens = RandomTokens(random, 6, columnCount);
        foreach (KernelTier tier in Tiers.Supported)
        {
            using WeightMatrix matrix = Fill(type, RandomBlocks.Make(type, 48, columnCount, random), 48, columnCount, tier);
            using Activations input = Input(tokens, matrix), output = new(7, 48);
            Fill(output, float.NaN);
            matrix.Multiply(1, 2, input, 0, 6, output, accumulate: false);
            for (int token = 0; token < 7; token++)
            {
                for (int row = 0; row < 48; row++)
                {
                    float.IsNaN(output[token][row]).Should().Be(token == 6 || row is < 16 or >= 32);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void TryFill_ScaleOrWeightThatIsNotFinite_IsFalse(GgmlType type)
    {
        int columnCount = ColumnCounts(type)[1], blockCount = columnCount / GgmlTypes.BlockLength(type), size = GgmlTypes.BlockByteSize(type);
        using WeightMatrix matrix = WeightMatrixFactory.Create(type, 19, columnCount, WeightMatrixFactory.BestTier);
        byte[] rows = RandomBlocks.Make(type, 19, columnCount, new Random(1));
        int rowByteSize = rows.Length / 19;
        foreach ((int panel, int rowCount) in new[] { (0, 16), (1, 3) })
        {
            byte[] sound = rows.AsSpan(panel * 16 * rowByteSize, rowCount * rowByteSize).ToArray();
            matrix.TryFill(panel, sound).Should().BeTrue();
            foreach (int block in new[] { 0, blockCount - 1, blockCount, rowCount * blockCount - 1 })
            {
                foreach (byte[] damaged in Damage(type, sound, block * size))
                {
                    matrix.TryFill(panel, damaged).Should().BeFalse();
                }
            }

            matrix.TryFill(panel, sound).Should().BeTrue();
        }
    }

    [Fact]
    public void TryFill_LargestHalf_IsTrue()
    {
        using WeightMatrix matrix = WeightMatrixFactory.Create(GgmlType.Q4_0, 1, 32, WeightMatrixFactory.BestTier);
        byte[] block = new byte[18];
        BinaryPrimitives.WriteHalfLittleEndian(block, Half.MaxValue);
        matrix.TryFill(0, block).Should().BeTrue();
        BinaryPrimitives.WriteHalfLittleEndian(block, Half.MinValue);
        matrix.TryFill(0, block).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void TryFill_WrongNumberOfBytes_Throws(GgmlType type)
    {
        int columnCount = ColumnCounts(type)[0];
        using WeightMatrix matrix = WeightMatrixFactory.Create(type, 17, columnCount, WeightMatrixFactory.BestTier);
        var fill = (int panel, int rowCount, int extra) => () => matrix.TryFill(panel, new byte[rowCount * GgmlTypes.RowByteSize(type, columnCount) + extra]);
        fill(0, 16, 0).Should().NotThrow();
        fill(1, 1, 0).Should().NotThrow();
        fill(0, 15, 0).Should().Throw<ArgumentOutOfRangeException>();
        fill(1, 1, 1).Should().Throw<ArgumentOutOfRangeException>();
        fill(1, 2, 0).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Create_AnyFormat_TakesAboutTheFilesMemory(GgmlType type)
    {
        using WeightMatrix matrix = WeightMatrixFactory.Create(type, 32, 512, WeightMatrixFactory.BestTier);
        (matrix.Type, matrix.RowCount, matrix.ColumnCount, matrix.PanelCount).Should().Be((type, 32, 512, 2));
        matrix.IsQuantized.Should().Be(GgmlTypes.BlockLength(type) > 1);
        // Where a K-quant packs its group scales in 4 or 6 bits, they take a byte each in memory. This makes a matrix at most 18 % larger (Q2_K).
        long fileByteSize = 32 * GgmlTypes.RowByteSize(type, 512);
        matrix.ByteSize.Should().BeInRange(fileByteSize, fileByteSize * 6 / 5);
    }

    [Fact]
    public void Create_UnsupportedFormat_NamesItAndThoseSupported()
    {
        foreach (KernelTier tier in Tiers.Supported)
        {
            Action create = () => WeightMatrixFactory.Create(GgmlType.IQ2_XXS, 16, 256, tier);
            create.Should().Throw<UnsupportedWeightFormatException>().WithMessage("*IQ2_XXS*Q4_K*");
        }
    }

    [Fact]
    public void Create_RowThatIsNotWholeBlocks_Throws()
    {
        Action create = () => WeightMatrixFactory.Create(GgmlType.Q4_K, 16, 288, WeightMatrixFactory.BestTier);
        create.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Multiply_AfterDispose_ThrowsObjectDisposedException()
    {
        foreach (GgmlType type in (GgmlType[])[GgmlType.Q4_0, GgmlType.F16])
        {
            WeightMatrix matrix = WeightMatrixFactory.Create(type, 16, 32, WeightMatrixFactory.BestTier);
            using Activations input = Input([new float[32]], matrix), output = new(1, 16);
            matrix.Dispose();
            Action multiply = () => matrix.Multiply(0, 1, input, 0, 1, output, accumulate: false);
            multiply.Should().Throw<ObjectDisposedException>();
        }
    }

    [Fact]
    public void Create_TierOfAnotherProcessor_Throws()
    {
        KernelTier[] missing = [.. Enum.GetValues<KernelTier>().Except(Tiers.Supported)];
        missing.Should().NotBeEmpty("no processor is both ARM and x86");
        foreach (KernelTier tier in missing)
        {
            Action create = () => WeightMatrixFactory.Create(GgmlType.Q4_0, 16, 32, tier);
            create.Should().Throw<PlatformNotSupportedException>().WithMessage($"*{tier}*Portable*");
        }
    }

    [Fact]
    public void BestTier_IsSupported() => WeightMatrixFactory.IsSupported(WeightMatrixFactory.BestTier).Should().BeTrue();

    // Rows of one, two and three blocks. For formats without blocks: odd numbers of columns, numbers around the length of a vector, and more than two
    // of the parts in which a row is summed.
    private static int[] ColumnCounts(GgmlType type) =>
        GgmlTypes.BlockLength(type) is var length and > 1 ? [length, 2 * length, 3 * length] : [1, 33, 2, 3, 7, 15, 16, 17, 64, 261];

    internal static float[][] RandomTokens(Random random, int tokenCount, int columnCount) =>
        [.. Enumerable.Range(0, tokenCount).Select(_ => Enumerable.Range(0, columnCount).Select(_ => 2 * random.NextSingle() - 1).ToArray())];

    internal static WeightMatrix Fill(GgmlType type, byte[] rows, int rowCount, int columnCount, KernelTier tier)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(type, rowCount, columnCount, tier);
        int rowByteSize = rows.Length / rowCount;
        for (int panel = 0; panel < matrix.PanelCount; panel++)
        {
            matrix.TryFill(panel, rows.AsSpan(panel * 16 * rowByteSize, Math.Min(16, rowCount - panel * 16) * rowByteSize)).Should().BeTrue();
        }

        return matrix;
    }

    private static Activations Input(float[][] tokens, WeightMatrix matrix)
    {
        var input = new Activations(tokens.Length, tokens[0].Length);
        for (int token = 0; token < tokens.Length; token++)
        {
            tokens[token].CopyTo(input[token]);
            if (matrix.IsQuantized)
            {
                (matrix.ReadsPowersOfTwo ? input.QuantizedByPowersOfTwo : input.Quantized).Set(token, input[token], matrix.SplitsActivations);
            }
            else
            {
                input.Tiled.Set(token, input[token]);
            }
        }

        return input;
    }

    private static void Fill(Activations activations, float value)
    {
        for (int token = 0; token < 7; token++)
        {
            activations[token].Fill(value);
        }
    }

    // Replaces an output that was filled with NaN, or adds to the given output.
    internal static float[][] Multiply(WeightMatrix matrix, float[][] tokens, int tokenCount, float[][]? before)
    {
        using Activations input = Input(tokens[..tokenCount], matrix), output = new(tokenCount, matrix.RowCount);
        for (int token = 0; token < tokenCount; token++)
        {
            output[token].Fill(float.NaN);
            before?[token].CopyTo(output[token]);
        }

        matrix.Multiply(0, matrix.PanelCount, input, 0, tokenCount, output, accumulate: before is not null);
        return [.. Enumerable.Range(0, tokenCount).Select(token => output[token].ToArray())];
    }

    private static void CheckSame(float[][] products, float[][] expected, string which)
    {
        for (int token = 0; token < products.Length; token++)
        {
            if (!products[token].AsSpan().SequenceEqual(expected[token]))
            {
                Assert.Fail($"{which}: token {token} differs.");
            }
        }
    }

    private static void CheckAgainstTwin(GgmlType type, byte[] rows, int rowCount, float[][] tokens)
    {
        int columnCount = tokens[0].Length;
        float[] weights = new float[rowCount * columnCount];
        WeightFormats.Dequantize(type, rows, weights);
        double[] magnitudes = Magnitudes(type, rows, weights);
        double[][] activations = [.. tokens.Select(token => GgmlTypes.BlockLength(type) > 1 ? ScalarQuantization.Dequantize(token, powersOfTwo: GgmlTypes.BlockLength(type) == 256) : [.. token.Select(x => (double)x)])];
        foreach (KernelTier tier in Tiers.Supported)
        {
            using WeightMatrix matrix = Fill(type, rows, rowCount, columnCount, tier);
            float[][] products = Multiply(matrix, tokens, tokens.Length, null);
            for (int token = 0; token < tokens.Length; token++)
            {
                for (int row = 0; row < rowCount; row++)
                {
                    double expected = 0, magnitude = 0;
                    for (int column = 0; column < columnCount; column++)
                    {
                        expected += weights[row * columnCount + column] * activations[token][column];
                        magnitude += magnitudes[row * columnCount + column] * Math.Abs(activations[token][column]);
                    }

                    if (!(Math.Abs(products[token][row] - expected) <= Roundings(type, columnCount) * Math.Pow(2, -24) * magnitude))
                    {
                        Assert.Fail($"{tier} {rowCount} × {columnCount}, row {row}, token {token}: {products[token][row]:R}, the twin's is {expected:R}.");
                    }
                }
            }
        }
    }

    // The number of times that a term of the sum Σ (scale · code − offset) · activation is rounded, each time by at most 2⁻²⁴ of the sum of the
    // magnitudes. In that sum, scale · code and offset count separately, because they may cancel. The integer dot product of a group and its
    // conversion are exact (below 2²⁴). The reference implementation rounds scale · code and the difference: 2 roundings. The kernel rounds scale ·
    // activation scale (or, for the offset, activation scale · sum of activations): 1 rounding. Group scales are rounded in the same way by the kernel
    // and by the reference implementation. Then follows one multiply-add for each group, or two if groups have offsets; each rounds the sum so far. For
    // unquantized formats, the multiply-adds, one for each column, form two chains, and the sums of the chains are added. One more rounding is added
    // for the terms of second order, in which these errors are multiplied by each other; it is contained in the + 2 and + 4 below.
    private static int Roundings(GgmlType type, int columnCount) => type switch
    {
        GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 => (columnCount + 1) / 2 + 2,
        GgmlType.Q4_1 or GgmlType.Q5_1 or GgmlType.Q4_K or GgmlType.Q5_K => 2 * columnCount / 32 + 4,
        GgmlType.Q2_K => 2 * columnCount / 16 + 4,
        GgmlType.Q3_K or GgmlType.Q6_K => columnCount / 16 + 4,
        _ => columnCount / 32 + 4,
    };

    // |scale · code| + |offset| of each weight, or the weight itself where there is no offset.
    private static double[] Magnitudes(GgmlType type, byte[] rows, float[] weights) => type switch
    {
        GgmlType.Q4_1 => WithOffsets<Q4_1>(rows, weights),
        GgmlType.Q5_1 => WithOffsets<Q5_1>(rows, weights),
        GgmlType.Q2_K => WithOffsets<Q2_K>(rows, weights),
        GgmlType.Q4_K => WithOffsets<Q4_K>(rows, weights),
        GgmlType.Q5_K => WithOffsets<Q5_K>(rows, weights),
        _ => [.. weights.Select(weight => Math.Abs((double)weight))],
    };

    private static double[] WithOffsets<TFormat>(byte[] rows, float[] weights)
        where TFormat : struct, IBlockFormat
    {
        double[] magnitudes = new double[weights.Length];
        var parts = new BlockParts { Codes = new byte[256], GroupScales = new sbyte[16], GroupOffsets = new byte[16] };
        for (int i = 0; i < weights.Length; i++)
        {
            (int block, int column) = Math.DivRem(i, TFormat.BlockLength);
            if (column == 0)
            {
                BlockFormat.Unpack<TFormat>(rows.AsSpan(block * TFormat.BlockByteSize, TFormat.BlockByteSize), ref parts);
            }

            double offset = (double)parts.Offset * parts.GroupOffsets[column / TFormat.GroupLength];
            magnitudes[i] = Math.Abs(weights[i] + offset) + Math.Abs(offset);
        }

        return magnitudes;
    }

    private static IEnumerable<byte[]> Damage(GgmlType type, byte[] rows, int start)
    {
        int[] offsets = RandomBlocks.HalfOffsets(type);
        foreach (int offset in offsets)
        {
            foreach (ushort bits in (ushort[])[0x7C00, 0xFC00, 0x7E00, 0xFE00, 0x7C01, 0xFFFF])
            {
                byte[] damaged = [.. rows];
                BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(start + offset), bits);
                yield return damaged;
            }
        }

        if (offsets.Length == 0)
        {
            // The upper half of a float32 or bfloat16 that is infinite or NaN.
            foreach (ushort bits in (ushort[])[0x7F80, 0xFF80, 0x7FC0, 0xFFFF])
            {
                byte[] damaged = [.. rows];
                BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(start + GgmlTypes.BlockByteSize(type) - 2), bits);
                yield return damaged;
            }
        }
    }
}
