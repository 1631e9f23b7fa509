using System.Buffers.Binary;

namespace Llama2.Quantization;

/// <summary>Random weights in any format, of about a given magnitude, for benchmarks.</summary>
internal static class RandomWeights
{
    /// <summary>Fills whole blocks.</summary>
    /// <param name="type">The format.</param>
    /// <param name="magnitude">The approximate magnitude of the weights.</param>
    /// <param name="isNorm">Whether the weights scale a norm, and are therefore near 1.</param>
    /// <param name="blocks">A whole number of blocks.</param>
    /// <param name="random">The source of random numbers.</param>
    public static void Fill(GgmlType type, float magnitude, bool isNorm, Span<byte> blocks, Random random)
    {
        random.NextBytes(blocks);
        int byteSize = GgmlTypes.BlockByteSize(type);
        (int[] halves, float unit) = Scales(type);
        for (int start = 0; start < blocks.Length; start += byteSize)
        {
            Span<byte> block = blocks.Slice(start, byteSize);
            float value = isNorm ? 1 : magnitude * 2 * (random.NextSingle() - 0.5f);
            switch (type)
            {
                case GgmlType.F32: BinaryPrimitives.WriteSingleLittleEndian(block, value); break;
                case GgmlType.F16: BinaryPrimitives.WriteHalfLittleEndian(block, (Half)value); break;
                case GgmlType.BF16: BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)); break;
                default:
                    foreach (int offset in halves)
                    {
                        BinaryPrimitives.WriteHalfLittleEndian(block[offset..], (Half)(magnitude / unit));
                    }

                    break;
            }
        }
    }

    // The positions of a block's half-precision scale and offset, and the magnitude of a weight if they are 1.
    private static (int[] Halves, float Unit) Scales(GgmlType type) => type switch
    {
        GgmlType.Q4_0 => ([0], 8),
        GgmlType.Q4_1 => ([0, 2], 8),
        GgmlType.Q5_0 => ([0], 16),
        GgmlType.Q5_1 => ([0, 2], 16),
        GgmlType.Q8_0 or GgmlType.IQ4_NL => ([0], 128),
        GgmlType.Q2_K => ([80, 82], 32),
        GgmlType.Q3_K => ([108], 64),
        GgmlType.Q4_K => ([0, 2], 512),
        GgmlType.Q5_K => ([0, 2], 1024),
        GgmlType.Q6_K => ([208], 2048),
        GgmlType.IQ4_XS => ([0], 2048),
        _ => ([], 1),
    };
}
