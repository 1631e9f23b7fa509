using System.Security.Cryptography;
using System.Text.Json;
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

        // The same bytes, so the same error; another order of summing it makes 1e-9.
        rows.RelativeError(Decode(format, blocks), useImportance).Should().BeApproximately(relativeError, 1e-6 * relativeError);
        Convert.ToHexStringLower(SHA256.HashData(blocks)).Should().Be(sha256);
    }

    private static byte[] Encode(GgmlType type, GoldenRows rows, bool useImportance)
    {
        int rowByteSize = (int)GgmlTypes.RowByteSize(type, GoldenRows.ColumnCount);
        byte[] blocks = new byte[GoldenRows.RowCount * rowByteSize];
        RowEncoder encoder = RowEncoder.Create(type);
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
