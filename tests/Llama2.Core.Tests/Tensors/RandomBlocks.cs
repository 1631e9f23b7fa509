using System.Buffers.Binary;
using Llama2.Quantization;

namespace Llama2.Tests.Tensors;

/// <summary>Rows of random weights in every format: any codes, and finite scales.</summary>
internal static class RandomBlocks
{
    public static TheoryData<GgmlType> Types => [.. WeightFormats.Supported];

    /// <summary>
    /// The positions in a block, in bytes, of its half-precision scale and, where the format has an offset, of this offset; for formats without a scale, the
    /// position of the weight itself.
    /// </summary>
    public static int[] HalfOffsets(GgmlType type) => type switch
    {
        GgmlType.Q4_0 or GgmlType.Q5_0 or GgmlType.Q8_0 or GgmlType.IQ4_NL or GgmlType.IQ4_XS or GgmlType.F16 => [0],
        GgmlType.Q4_1 or GgmlType.Q5_1 or GgmlType.Q4_K or GgmlType.Q5_K => [0, 2],
        GgmlType.Q2_K => [80, 82],
        GgmlType.Q3_K => [108],
        GgmlType.Q6_K => [208],
        GgmlType.F32 or GgmlType.BF16 => [],
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Blocks whose scales have random signs and a magnitude of at most <paramref name="largestScale"/>; some scales are subnormal.</summary>
    public static byte[] Make(GgmlType type, int rowCount, int columnCount, Random random, float largestScale = 0.02f)
    {
        byte[] bytes = new byte[rowCount * GgmlTypes.RowByteSize(type, columnCount)];
        random.NextBytes(bytes);
        int size = GgmlTypes.BlockByteSize(type);
        for (int start = 0; start < bytes.Length; start += size)
        {
            Span<byte> block = bytes.AsSpan(start, size);
            foreach (int offset in HalfOffsets(type))
            {
                BinaryPrimitives.WriteHalfLittleEndian(block[offset..], RandomHalf(random, largestScale));
            }

            float weight = (2 * random.NextSingle() - 1) * largestScale;
            if (type == GgmlType.F32)
            {
                BinaryPrimitives.WriteSingleLittleEndian(block, weight);
            }
            else if (type == GgmlType.BF16)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)(BitConverter.SingleToUInt32Bits(weight) >> 16));
            }
        }

        return bytes;
    }

    private static Half RandomHalf(Random random, float largest) => random.Next(4) switch
    {
        0 => BitConverter.UInt16BitsToHalf((ushort)(random.Next(1, 1024) | random.Next(2) << 15)),
        _ => (Half)((2 * random.NextSingle() - 1) * largest),
    };
}
