using Llama2.Quantization;
using Llama2.Tensors;
using Llama2.Tests.Kernels;

namespace Llama2.Tests.Tensors;

public class WeightMatrixDecodeTests
{
    private const int ColumnCount = 768;

    public static TheoryData<GgmlType> Types => RandomBlocks.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void Decode_AnyTier_IsTheFilesWeightsBitForBit(GgmlType type)
    {
        byte[] rows = RandomBlocks.Make(type, 21, ColumnCount, new Random((int)type));
        float[] expected = new float[21 * ColumnCount];
        WeightFormats.Dequantize(type, rows, expected);
        foreach (KernelTier tier in Tiers.Supported)
        {
            using WeightMatrix matrix = Fill(type, rows, 21, tier);
            foreach ((int start, int count) in ((int, int)[])[(0, ColumnCount), (256, 512), (512, 256)])
            {
                for (int panel = 0; panel < 2; panel++)
                {
                    float[] weights = [.. Enumerable.Repeat(float.NaN, 16 * count)];
                    matrix.Decode(panel, start, count, weights);
                    for (int i = 0; i < weights.Length; i++)
                    {
                        int row = 16 * panel + i % 16;
                        float weight = row < 21 ? expected[row * ColumnCount + start + i / 16] : 0;
                        (weights[i] == weight).Should().BeTrue($"{tier}: row {row}, column {start + i / 16} is {weights[i]}, not {weight}");
                    }
                }
            }
        }
    }

    // A panel file that was written with one tier is read with another.
    [Theory]
    [MemberData(nameof(Types))]
    public void Parts_AnyTier_AreTheSameBytesInPiecesOfEqualSize(GgmlType type)
    {
        byte[] rows = RandomBlocks.Make(type, 21, ColumnCount, new Random((int)type));
        using WeightMatrix portable = Fill(type, rows, 21, KernelTier.Portable), panel = WeightMatrixFactory.Create(type, 16, ColumnCount, KernelTier.Portable);
        panel.TryFill(0, rows.AsSpan(0, 16 * rows.Length / 21)).Should().BeTrue();
        portable.Parts.Sum(part => part.ByteSize).Should().Be(portable.ByteSize);
        foreach (KernelTier tier in Tiers.Supported)
        {
            using WeightMatrix matrix = Fill(type, rows, 21, tier);
            matrix.Parts.Should().HaveCount(portable.Parts.Count);
            for (int i = 0; i < matrix.Parts.Count; i++)
            {
                int byteSize = (int)matrix.Parts[i].ByteSize;
                matrix.Parts[i].Slice(0, byteSize).SequenceEqual(portable.Parts[i].Slice(0, byteSize)).Should().BeTrue($"{tier} must have the portable tier's part {i}");
                matrix.Parts[i].Slice(0, byteSize / 2).SequenceEqual(panel.Parts[i].Slice(0, byteSize / 2)).Should().BeTrue($"{tier}: the first of two panels is the first half of part {i}");
            }
        }
    }

    [Fact]
    public void Decode_NotWholeBlocks_Throws()
    {
        using WeightMatrix matrix = Fill(GgmlType.Q4_K, RandomBlocks.Make(GgmlType.Q4_K, 21, ColumnCount, new Random(1)), 21, KernelTier.Portable);

        FluentActions.Invoking(() => matrix.Decode(0, 128, 256, new float[16 * 256])).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => matrix.Decode(0, 512, 512, new float[16 * 512])).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => matrix.Decode(0, 0, 256, new float[16 * 255])).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static WeightMatrix Fill(GgmlType type, byte[] rows, int rowCount, KernelTier tier)
    {
        WeightMatrix matrix = WeightMatrixFactory.Create(type, rowCount, ColumnCount, tier);
        int rowByteSize = rows.Length / rowCount;
        matrix.TryFill(0, rows.AsSpan(0, 16 * rowByteSize)).Should().BeTrue();
        matrix.TryFill(1, rows.AsSpan(16 * rowByteSize)).Should().BeTrue();
        return matrix;
    }
}
