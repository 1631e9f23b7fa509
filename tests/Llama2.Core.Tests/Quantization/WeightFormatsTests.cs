using System.Runtime.InteropServices;
using System.Text.Json;
using CsCheck;
using Llama2.Quantization;
using Llama2.Tensors;

namespace Llama2.Tests.Quantization;

public class WeightFormatsTests
{
    public static TheoryData<string, string> GoldenModels
    {
        get
        {
            var models = new TheoryData<string, string>();
            if (RepositoryFiles.HasShared)
            {
                using var index = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Golden("index.json")));
                foreach (JsonElement entry in index.RootElement.EnumerateArray())
                    models.Add(entry.GetProperty("model").GetString()!, entry.GetProperty("rows").GetString()!);
            }

            return models;
        }
    }

    // The format, the weights in a block and the bytes in a block: the sizes that ggml asserts of its structs.
    public static TheoryData<GgmlType, int, int> Blocks => new()
    {
        { GgmlType.F32, 1, 4 }, { GgmlType.F16, 1, 2 }, { GgmlType.BF16, 1, 2 },
        { GgmlType.Q4_0, 32, 18 }, { GgmlType.Q4_1, 32, 20 }, { GgmlType.Q5_0, 32, 22 }, { GgmlType.Q5_1, 32, 24 }, { GgmlType.Q8_0, 32, 34 },
        { GgmlType.Q2_K, 256, 84 }, { GgmlType.Q3_K, 256, 110 }, { GgmlType.Q4_K, 256, 144 }, { GgmlType.Q5_K, 256, 176 },
        { GgmlType.Q6_K, 256, 210 }, { GgmlType.IQ4_NL, 32, 18 }, { GgmlType.IQ4_XS, 256, 136 },
    };

    [GoldenTheory]
    [MemberData(nameof(GoldenModels))]
    public void Dequantize_RowsOfGoldenModel_EqualGgmlBitForBit(string model, string rows)
    {
        string modelPath = RepositoryFiles.Golden(model);
        var tensor = GoldenTensor.Read(modelPath, "blk.0.ffn_down.weight");
        byte[] expected = File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(modelPath)!, rows));
        var weights = new float[2 * tensor.ColumnCount];
        (int length, int byteSize) = BlockSizes(tensor.Type);

        WeightFormats.Dequantize(tensor.Type, tensor.DataFromFirstRow.AsSpan(0, weights.Length / length * byteSize), weights);

        MemoryMarshal.AsBytes(weights.AsSpan()).SequenceEqual(expected).Should().BeTrue();
    }

    [GoldenFact]
    public void GoldenModels_HoldEverySupportedFormat() =>
        GoldenModels.Select(row => GoldenTensor.Read(RepositoryFiles.Golden((string)row[0]), "blk.0.ffn_down.weight").Type).Distinct()
            .Should().HaveCount(15).And.BeEquivalentTo(WeightFormats.Supported);

    [Fact]
    public void Supported_HasTheTypesThatFilesMayHoldAndTheirSizes()
    {
        WeightFormats.Supported.Should().BeEquivalentTo(Blocks.Select(row => (GgmlType)row[0]));
        foreach (GgmlType type in Enum.GetValues<GgmlType>())
            WeightFormats.IsSupported(type).Should().Be(WeightFormats.Supported.Contains(type), $"of {type}");
    }

    // The class that a line of the table names belongs to the line's type, and the format has the encoder and the matrix that the line names.
    [Theory]
    [MemberData(nameof(Blocks))]
    public void Of_EveryLine_DecodesEncodesAndMultiplies(GgmlType type, int length, int byteSize)
    {
        var row = new float[256];
        row.AsSpan().Fill(0.5f);
        byte[] blocks = new byte[row.Length / length * byteSize];
        WeightFormats.Of(type).CreateEncoder().TryEncode(row, importance: [], blocks).Should().BeTrue();
        WeightFormats.AreFinite(type, blocks).Should().BeTrue();
        float[] weights = new float[row.Length];
        WeightFormats.Dequantize(type, blocks, weights);
        weights.Should().OnlyContain(weight => MathF.Abs(weight - 0.5f) < 0.05f);

        using WeightMatrix matrix = WeightMatrixFactory.Create(type, rowCount: 1, columnCount: 256, KernelTier.Portable);
        matrix.Type.Should().Be(type);
        matrix.TryFill(0, blocks).Should().BeTrue();
    }

    // Checks the positions of the scales and the magnitude of the weights for a scale of 1: a wrong position, or a magnitude that is wrong by a
    // factor of four, would change the magnitude of the random weights.
    [Theory]
    [MemberData(nameof(Blocks))]
    public void MakeRandom_Magnitude_IsAboutThatOfTheWeights(GgmlType type, int length, int byteSize)
    {
        byte[] blocks = new byte[4096 * byteSize];
        RandomWeights.Fill(type, magnitude: 0.02f, isNorm: false, blocks, new Random(3));
        float[] weights = new float[4096 * length];
        WeightFormats.Dequantize(type, blocks, weights);

        double size = Math.Sqrt(weights.Average(weight => (double)weight * weight));
        size.Should().BeInRange(0.005, 0.04);
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Dequantize_RandomBytes_EqualsScalarTwinBitForBit(GgmlType type, int length, int byteSize) =>
        Gen.Select(Gen.Byte.Array[byteSize], Gen.Byte.Array[byteSize], Gen.Byte.Array[byteSize]).Sample((first, second, third) =>
        {
            byte[][] blocks = [first, second, third];
            var weights = new float[3 * length];
            WeightFormats.Dequantize(type, blocks.SelectMany(block => block).ToArray(), weights);
            for (int i = 0; i < weights.Length; i++)
            {
                float expected = ScalarBlocks.Weight(type, blocks[i / length], i % length);
                if (!IsSameNumber(weights[i], expected))
                    throw new InvalidOperationException($"{type}: weight {i} is {weights[i]:R}, the scalar twin's is {expected:R}.");
            }
        }, iter: 300);

    // Random halves and floats are sometimes infinite or NaN.
    [Theory]
    [MemberData(nameof(Blocks))]
    public void AreFinite_RandomBytes_IsWhatDecodedWeightsSay(GgmlType type, int length, int byteSize) =>
        Gen.Int[0, 40].SelectMany(count => Gen.Byte.Array[count * byteSize]).Sample(rows =>
        {
            var weights = new float[rows.Length / byteSize * length];
            WeightFormats.Dequantize(type, rows, weights);
            WeightFormats.AreFinite(type, rows).Should().Be(Array.TrueForAll(weights, float.IsFinite));
        }, iter: 300);

    [Theory]
    [MemberData(nameof(Blocks))]
    public void AreFinite_AnInfinitysBitsAtEachPlace_IsWhatDecodedWeightsSay(GgmlType type, int length, int byteSize)
    {
        const int Count = 33;
        var rows = new byte[Count * byteSize];
        WeightFormats.AreFinite(type, rows).Should().BeTrue();
        var weights = new float[Count * length];
        int foundCount = 0;
        for (int i = 0; i + 1 < rows.Length; i += 2)
        {
            // Returns the offset of a half, or of the upper half of a float, in a block of the format.
            (rows[i], rows[i + 1]) = (type is GgmlType.F32 or GgmlType.BF16 ? (byte)0x80 : (byte)0x00, type is GgmlType.F32 or GgmlType.BF16 ? (byte)0x7f : (byte)0x7c);
            WeightFormats.Dequantize(type, rows, weights);
            bool expected = Array.TrueForAll(weights, float.IsFinite);
            WeightFormats.AreFinite(type, rows).Should().Be(expected);
            foundCount += expected ? 0 : 1;
            (rows[i], rows[i + 1]) = (0, 0);
        }

        foundCount.Should().BeGreaterThanOrEqualTo(Count);
    }

    [Fact]
    public void AreFinite_PartOfABlock_IsRefused()
    {
        Action ask = () => WeightFormats.AreFinite(GgmlType.Q4_0, new byte[19]);
        ask.Should().Throw<ArgumentException>().WithMessage("*19 bytes are not whole blocks of Q4_0*");
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Dequantize_EveryCountAroundAVector_EqualsScalarTwin(GgmlType type, int length, int byteSize)
    {
        var random = new Random(7);
        for (int count = 0; count <= 33; count++)
        {
            var bytes = new byte[count * byteSize];
            random.NextBytes(bytes);
            var weights = new float[count * length];
            WeightFormats.Dequantize(type, bytes, weights);
            for (int i = 0; i < weights.Length; i++)
            {
                byte[] block = bytes.AsSpan(i / length * byteSize, byteSize).ToArray();
                IsSameNumber(weights[i], ScalarBlocks.Weight(type, block, i % length)).Should().BeTrue();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Dequantize_WrongLengths_ThrowsArgumentException(GgmlType type, int length, int byteSize)
    {
        var decode = (int bytes, int weights) => () => WeightFormats.Dequantize(type, new byte[bytes], new float[weights]);

        decode(2 * byteSize, 2 * length).Should().NotThrow();
        decode(0, 0).Should().NotThrow();
        decode(2 * byteSize - 1, 2 * length).Should().Throw<ArgumentException>().WithParameterName("blocks").WithMessage($"*{type}*");
        decode(2 * byteSize + 1, 2 * length).Should().Throw<ArgumentException>().WithParameterName("blocks");
        decode(2 * byteSize, 2 * length - 1).Should().Throw<ArgumentException>().WithParameterName("weights");
        decode(2 * byteSize, 2 * length + 1).Should().Throw<ArgumentException>().WithParameterName("weights");
    }

    [Theory]
    [InlineData(GgmlType.Q8_1)]
    [InlineData(GgmlType.IQ2_XXS)]
    [InlineData(GgmlType.MXFP4)]
    [InlineData((GgmlType)4)]
    [InlineData((GgmlType)(-1))]
    public void Dequantize_UnsupportedFormat_NamesItAndThoseSupported(GgmlType type)
    {
        Action decode = () => WeightFormats.Dequantize(type, [], []);

        decode.Should().Throw<UnsupportedWeightFormatException>().WithMessage($"*{type}*Q4_0*IQ4_XS*").Which.Type.Should().Be(type);
    }

    [Fact]
    public void Supported_HoldsExactlyTheFormatsThatDecode()
    {
        foreach (GgmlType type in Enum.GetValues<GgmlType>())
        {
            Action decode = () => WeightFormats.Dequantize(type, [], []);
            if (WeightFormats.Supported.Contains(type))
                decode.Should().NotThrow();
            else
                decode.Should().Throw<UnsupportedWeightFormatException>();
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Dequantize_AllocatesNothing(GgmlType type, int length, int byteSize)
    {
        var bytes = new byte[4 * byteSize];
        var weights = new float[4 * length];

        AllocationMeter.Measure(() => WeightFormats.Dequantize(type, bytes, weights)).Should().Be(0);
    }

    private static (int Length, int ByteSize) BlockSizes(GgmlType type)
    {
        object[] row = Blocks.Single(row => (GgmlType)row[0] == type);
        return ((int)row[1], (int)row[2]);
    }

    private static bool IsSameNumber(float one, float other) =>
        BitConverter.SingleToInt32Bits(one) == BitConverter.SingleToInt32Bits(other) || (float.IsNaN(one) && float.IsNaN(other));
}
