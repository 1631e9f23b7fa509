using System.Buffers.Binary;
using Llama2.Quantization;

namespace Llama2.Benchmarks;

/// <summary>Random rows of any format whose scales are small normal numbers.</summary>
internal static class RandomWeights
{
    public static int RowByteSize(GgmlType type, int columnCount)
    {
        (int length, int byteSize, _) = Block(type);
        return columnCount / length * byteSize;
    }

    public static void Fill(GgmlType type, Span<byte> rows, Random random)
    {
        (_, int byteSize, int[] halves) = Block(type);
        random.NextBytes(rows);
        for (int start = 0; start < rows.Length; start += byteSize)
        {
            Span<byte> block = rows.Slice(start, byteSize);
            float value = (random.NextSingle() - 0.5f) * 0.01f;
            switch (type)
            {
                case GgmlType.F32: BinaryPrimitives.WriteSingleLittleEndian(block, value); break;
                case GgmlType.F16: BinaryPrimitives.WriteHalfLittleEndian(block, (Half)value); break;
                case GgmlType.BF16: BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)); break;
                default:
                    foreach (int offset in halves)
                    {
                        BinaryPrimitives.WriteHalfLittleEndian(block[offset..], (Half)(0.001f + Math.Abs(value)));
                    }

                    break;
            }
        }
    }

    // Weights and bytes of a block, and where its half-precision scales and offsets lie.
    private static (int Length, int ByteSize, int[] Halves) Block(GgmlType type) => type switch
    {
        GgmlType.F32 => Of<F32>(),
        GgmlType.F16 => Of<F16>(),
        GgmlType.BF16 => Of<BF16>(),
        GgmlType.Q4_0 => Of<Q4_0>(0),
        GgmlType.Q4_1 => Of<Q4_1>(0, 2),
        GgmlType.Q5_0 => Of<Q5_0>(0),
        GgmlType.Q5_1 => Of<Q5_1>(0, 2),
        GgmlType.Q8_0 => Of<Q8_0>(0),
        GgmlType.Q2_K => Of<Q2_K>(80, 82),
        GgmlType.Q3_K => Of<Q3_K>(108),
        GgmlType.Q4_K => Of<Q4_K>(0, 2),
        GgmlType.Q5_K => Of<Q5_K>(0, 2),
        GgmlType.Q6_K => Of<Q6_K>(208),
        GgmlType.IQ4_NL => Of<IQ4_NL>(0),
        GgmlType.IQ4_XS => Of<IQ4_XS>(0),
        _ => throw new UnsupportedWeightFormatException(type, WeightFormats.Supported),
    };

    private static (int Length, int ByteSize, int[] Halves) Of<TFormat>(params int[] halves)
        where TFormat : struct, IWeightFormat
        => (TFormat.BlockLength, TFormat.BlockByteSize, halves);
}
