using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Llama2.Quantization;

/// <summary>4-bit codes, 8 groups of 32 with 6-bit scales and offsets: 4.5 bits a weight.</summary>
internal readonly struct Q4_K : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-3 offset (half) | 4-15 groups (SixBitGroups) | 16-143 codes
    // codes: 32 bytes hold 64 weights; low nibbles = weights 0-31, high nibbles = weights 32-63

    public static GgmlType Type => GgmlType.Q4_K;

    public static int BlockLength => 256;

    public static int BlockByteSize => 144;

    public static int GroupLength => 32;

    public static int Bias => 0;

    public static int MaxCode => 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block);
        parts.Offset = BinaryPrimitives.ReadHalfLittleEndian(block[2..]);
        SixBitGroups.Unpack(block.Slice(4, SixBitGroups.ByteSize), parts.GroupScales, parts.GroupOffsets);
        for (int run = 0; run < 4; run++)
            BitFields.SplitNibbles(block.Slice(16 + run * 32, 32), parts.Codes.Slice(run * 64, 64));
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], parts.Offset);
        SixBitGroups.Pack(parts.GroupScales, parts.GroupOffsets, block.Slice(4, SixBitGroups.ByteSize));
        for (int run = 0; run < 4; run++)
            BitFields.JoinNibbles(parts.Codes.Slice(run * 64, 64), block.Slice(16 + run * 32, 32));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q4_K>(blocks, weights);
}
