using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using Llama2.Quantization;
using Llama2.Quantization.Encoders;

namespace Llama2.Tests.Quantization.Encoders;

public class RowEncoderTests
{
    public static TheoryData<string, string, int, bool, double, string> GoldenCases
    {
        get
        {
            var cases = new TheoryData<string, string, int, bool, double, string>();
            using JsonDocument file = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Committed("tests", "data", "quantization.json")));
            foreach (JsonElement entry in file.RootElement.EnumerateArray())
            {
                cases.Add(
                    entry.GetProperty("type").GetString()!,
                    entry.GetProperty("rows").GetString()!,
                    entry.GetProperty("seed").GetInt32(),
                    entry.GetProperty("importance").GetBoolean(),
                    entry.GetProperty("relative_error").GetDouble(),
                    entry.GetProperty("sha256").GetString()!);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public void TryEncode_GoldenRows_AreLlamaCppsBytes(string type, string kind, int seed, bool useImportance, double relativeError, string sha256)
    {
        var rows = new GoldenRows(kind, seed);
        GgmlType format = Enum.Parse<GgmlType>(type);

        byte[] blocks = Encode(format, rows, useImportance);

        // The bytes are the same, so the error is too; another order of summation changes it by 1e-9.
        rows.RelativeError(Decode(format, blocks), useImportance).Should().BeApproximately(relativeError, 1e-6 * relativeError);
        Convert.ToHexStringLower(SHA256.HashData(blocks)).Should().Be(sha256);
    }

    public static TheoryData<GgmlType> BlockFormats => [.. WeightFormats.Supported.Where(type => GgmlTypes.BlockLength(type) > 1)];

    [Theory]
    [MemberData(nameof(BlockFormats))]
    public void TryEncode_AnyFiniteRow_StaysInItsBlocksRange(GgmlType type)
    {
        int length = GgmlTypes.BlockLength(type);
        Gen<float> weight = Gen.OneOf(Gen.Const(0f), Gen.Const(-0f), Gen.Const(float.Epsilon), Gen.Float[-1, 1], Gen.Float[-1e-6f, 1e-6f], Gen.Float[-1e4f, 1e4f], Gen.Const(1f));
        Gen.Select(weight.Array[length * 3], Gen.Float[0, 10].Array[length * 3], Gen.Bool).Sample((row, importance, useImportance) =>
        {
            byte[] blocks = new byte[3 * GgmlTypes.BlockByteSize(type)];
            WeightFormats.Of(type).CreateEncoder().TryEncode(row, useImportance ? importance : [], blocks).Should().BeTrue();

            float[] decoded = new float[row.Length];
            WeightFormats.Dequantize(type, blocks, decoded);
            decoded.Should().OnlyContain(value => float.IsFinite(value));
            // With an importance matrix, a column of very small importance may be decoded to any value, so this is checked only without one.
            for (int start = 0; start < row.Length && !useImportance; start += length)
            {
                float largest = row.AsSpan(start, length).ToArray().Max(Math.Abs);
                // Scales and offsets are rounded, so a decoded weight may exceed the largest weight, but not twice that.
                decoded.AsSpan(start, length).ToArray().Should().OnlyContain(value => Math.Abs(value) <= 2 * largest + 1e-6f);
            }
        }, iter: 50);
    }

    [Theory]
    [MemberData(nameof(BlockFormats))]
    public void TryEncode_ZeroAndEqualWeights_AreKept(GgmlType type)
    {
        float[] row = new float[2 * GgmlTypes.BlockLength(type)], decoded = new float[row.Length];
        row.AsSpan(row.Length / 2).Fill(-0.5f);
        byte[] blocks = new byte[2 * GgmlTypes.BlockByteSize(type)];

        WeightFormats.Of(type).CreateEncoder().TryEncode(row, [], blocks).Should().BeTrue();

        WeightFormats.Dequantize(type, blocks, decoded);
        decoded[..(row.Length / 2)].Should().OnlyContain(value => value == 0);
        decoded[(row.Length / 2)..].Should().OnlyContain(value => Math.Abs(value + 0.5f) < 0.01f);
    }

    [Theory]
    [MemberData(nameof(BlockFormats))]
    public void TryEncode_ScaleThatNoHalfHolds_IsRefused(GgmlType type)
    {
        float[] row = [.. Enumerable.Range(0, GgmlTypes.BlockLength(type)).Select(i => i % 2 == 0 ? 3e37f : -1e37f)];

        WeightFormats.Of(type).CreateEncoder().TryEncode(row, [], new byte[GgmlTypes.BlockByteSize(type)]).Should().BeFalse();
    }

    [Theory]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.BF16)]
    [InlineData(GgmlType.F32)]
    public void TryEncode_FloatFormats_RoundToTheNearestEven(GgmlType type)
        => Gen.Float[-6e4f, 6e4f].Array[1, 70].Sample(row =>
        {
            int size = GgmlTypes.BlockByteSize(type);
            byte[] bytes = new byte[row.Length * size];
            WeightFormats.Of(type).CreateEncoder().TryEncode(row, [], bytes).Should().BeTrue();
            for (int i = 0; i < row.Length; i++)
            {
                BitConverter.ToString(bytes, i * size, size).Should().Be(BitConverter.ToString(type switch
                {
                    GgmlType.F16 => BitConverter.GetBytes((Half)row[i]),
                    GgmlType.BF16 => BitConverter.GetBytes(BFloat(row[i])),
                    _ => BitConverter.GetBytes(row[i]),
                }));
            }
        }, iter: 200);

    [Theory]
    [InlineData(GgmlType.F16, 65_520f)]
    [InlineData(GgmlType.BF16, float.MaxValue)]
    public void TryEncode_FloatTooLarge_IsRefused(GgmlType type, float weight)
        => WeightFormats.Of(type).CreateEncoder().TryEncode(new[] { 1, weight }, [], new byte[4]).Should().BeFalse();

    // The nearest float whose lower 16 bits are zero; if two are equally near, the one whose upper half is even.
    private static ushort BFloat(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value), rest = bits & 0xFFFF;
        uint upper = bits >> 16;
        return (ushort)(rest > 0x8000 || (rest == 0x8000 && upper % 2 == 1) ? upper + 1 : upper);
    }

    private static byte[] Encode(GgmlType type, GoldenRows rows, bool useImportance)
    {
        int rowByteSize = (int)GgmlTypes.RowByteSize(type, GoldenRows.ColumnCount);
        byte[] blocks = new byte[GoldenRows.RowCount * rowByteSize];
        RowEncoder encoder = WeightFormats.Of(type).CreateEncoder();
        for (int row = 0; row < GoldenRows.RowCount; row++)
        {
            encoder.TryEncode(rows.Row(row), useImportance ? rows.Importance : [], blocks.AsSpan(row * rowByteSize, rowByteSize)).Should().BeTrue();
        }

        return blocks;
    }

    private static float[] Decode(GgmlType type, byte[] blocks)
    {
        float[] weights = new float[GoldenRows.RowCount * GoldenRows.ColumnCount];
        WeightFormats.Dequantize(type, blocks, weights);
        return weights;
    }
}
