using Llama2.Model;
using Llama2.Quantization;
using Llama2.Tests.Tensors;

namespace Llama2.Tests.Model;

public class EmbeddingTableTests
{
    public static TheoryData<GgmlType> Types => RandomBlocks.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void Read_AnyToken_IsItsRowDecoded(GgmlType type)
    {
        byte[] rows = RandomBlocks.Make(type, 5, 512, new Random(1));
        float[] expected = new float[5 * 512], embedding = new float[512];
        WeightFormats.Dequantize(type, rows, expected);
        using var table = new EmbeddingTable(type, 5, 512);
        rows.AsSpan(0, 2 * rows.Length / 5).CopyTo(table.Rows(0, 2));
        rows.AsSpan(2 * rows.Length / 5).CopyTo(table.Rows(2, 3));

        table.ByteSize.Should().Be(rows.Length);
        for (int token = 0; token < 5; token++)
        {
            table.Read(token, embedding);
            embedding.AsSpan().SequenceEqual(expected.AsSpan(512 * token, 512)).Should().BeTrue();
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void Read_TokenOutsideTheTable_Throws(int token)
    {
        using var table = new EmbeddingTable(GgmlType.F32, 5, 8);
        FluentActions.Invoking(() => table.Read(token, new float[8])).Should().Throw<ArgumentOutOfRangeException>();
    }
}
