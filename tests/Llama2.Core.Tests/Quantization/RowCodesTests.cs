using Llama2.Quantization;

namespace Llama2.Tests.Quantization;

public class RowCodesTests
{
    public static TheoryData<GgmlType> BlockTypes => new(WeightFormats.Supported.Where(type => GgmlTypes.BlockLength(type) > 1));

    [Theory]
    [MemberData(nameof(BlockTypes))]
    internal void Replace_OneCodeByItsNeighbor_ChangesOnlyThatWeightByItsScale(GgmlType type)
    {
        byte[] row = RandomRow(type);
        RowCodes format = WeightFormats.Of(type).Codes!;
        int count = row.Length / GgmlTypes.BlockByteSize(type) * GgmlTypes.BlockLength(type);
        byte[] codes = new byte[count];
        float[] scales = new float[count], before = new float[count], after = new float[count];
        format.Unpack(row, codes, scales);
        WeightFormats.Dequantize(type, row, before);

        for (int i = 0; i < count; i += 37)
        {
            foreach (bool isGreater in (bool[])[true, false])
            {
                byte neighbor = format.Neighbor(codes[i], isGreater);
                byte[] changed = [.. row];
                byte[] changedCodes = [.. codes];
                changedCodes[i] = neighbor;

                format.Replace(changedCodes, changed);

                WeightFormats.Dequantize(type, changed, after);
                (after[i] - before[i]).Should().BeApproximately(scales[i] * (neighbor - codes[i]), 1e-4f * (1 + Math.Abs(before[i])));
                after[i] = before[i];
                after.Should().Equal(before);
            }
        }
    }

    [Theory]
    [MemberData(nameof(BlockTypes))]
    internal void Replace_SameCodes_LeavesTheRow(GgmlType type)
    {
        byte[] row = RandomRow(type), expected = [.. row];
        RowCodes format = WeightFormats.Of(type).Codes!;
        int count = row.Length / GgmlTypes.BlockByteSize(type) * GgmlTypes.BlockLength(type);
        byte[] codes = new byte[count];
        format.Unpack(row, codes, new float[count]);

        format.Replace(codes, row);

        row.Should().Equal(expected);
    }

    [Theory]
    [MemberData(nameof(BlockTypes))]
    internal void Neighbor_FromTheSmallestCode_ReachesTheGreatestAndStays(GgmlType type)
    {
        RowCodes format = WeightFormats.Of(type).Codes!;
        byte code = 0;
        code = type is GgmlType.IQ4_NL or GgmlType.IQ4_XS ? (byte)1 : code;
        int steps = 0;
        while (format.Neighbor(code, isGreater: true) is byte next && next != code)
        {
            next.Should().BeGreaterThan(code);
            format.Neighbor(next, isGreater: false).Should().Be(code);
            code = next;
            steps++;
        }

        int bits = type switch
        {
            GgmlType.Q2_K => 2,
            GgmlType.Q3_K => 3,
            GgmlType.Q4_0 or GgmlType.Q4_1 or GgmlType.Q4_K or GgmlType.IQ4_NL or GgmlType.IQ4_XS => 4,
            GgmlType.Q5_0 or GgmlType.Q5_1 or GgmlType.Q5_K => 5,
            GgmlType.Q6_K => 6,
            _ => 8,
        };
        // Q8_0 stores -128 to 127, of which files use -127 to 127.
        steps.Should().BeInRange((1 << bits) - 2, (1 << bits) - 1);
    }

    private static byte[] RandomRow(GgmlType type)
    {
        var random = new Random((int)type);
        byte[] row = new byte[GgmlTypes.BlockByteSize(type) * 512 / GgmlTypes.BlockLength(type)];
        random.NextBytes(row);
        for (int start = 0; start < row.Length; start += GgmlTypes.BlockByteSize(type))
        {
            WeightFormats.Of(type).MakeRandom(row.AsSpan(start, GgmlTypes.BlockByteSize(type)), 0, 1);
        }

        return row;
    }
}
