using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Llama2.Quantization;

/// <summary>4-bit codes, one scale and one minimum for 32 weights: 5 bits a weight.</summary>
internal readonly struct Q4_1 : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-3 minimum (half), added | 4-19 codes: low nibbles = weights 0-15, high nibbles = weights 16-31

    public static GgmlType Type => GgmlType.Q4_1;

    public static int BlockLength => 32;

    public static int BlockByteSize => 20;

    public static int GroupLength => 32;

    public static int Bias => 0;

    public static int MaxCode => 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block);
        parts.Offset = -BinaryPrimitives.ReadHalfLittleEndian(block[2..]);
        parts.GroupScales[0] = 1;
        parts.GroupOffsets[0] = 1;
        BitFields.SplitNibbles(block.Slice(4, 16), parts.Codes);
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], -parts.Offset);
        BitFields.JoinNibbles(parts.Codes[..32], block.Slice(4, 16));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q4_1>(blocks, weights);
}
