using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Llama2.Quantization;

/// <summary>
/// Blocks of 256 weights: 5-bit codes, and a 6-bit scale and a 6-bit offset for each of 8 groups of 32 weights; 5.5 bits per weight.
/// </summary>
internal readonly struct Q5_K : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-3 offset (half) | 4-15 groups (SixBitGroups) | 16-47 bit 4 of the codes: bit i of byte j = weight 32 i + j
    // | 48-175 bits 0-3: 32 bytes hold 64 weights; low nibbles = weights 0-31, high nibbles = weights 32-63

    public static GgmlType Type => GgmlType.Q5_K;

    public static int BlockLength => 256;

    public static int BlockByteSize => 176;

    public static int GroupLength => 32;

    public static int Bias => 0;

    public static int MaxCode => 31;

    public static ReadOnlySpan<byte> HalfOffsets => [0, 2];

    public static float UnitMagnitude => 1024;

    public static GgmlType ShortRowType => GgmlType.Q5_1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block);
        parts.Offset = BinaryPrimitives.ReadHalfLittleEndian(block[2..]);
        SixBitGroups.Unpack(block.Slice(4, SixBitGroups.ByteSize), parts.GroupScales, parts.GroupOffsets);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes)
    {
        for (int run = 0; run < 4; run++)
            BitFields.SplitNibbles(block.Slice(48 + run * 32, 32), codes.Slice(run * 64, 64));
        for (int group = 0; group < 8; group++)
            BitFields.Insert(block.Slice(16, 32), group, 1, 4, codes.Slice(group * 32, 32));
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], parts.Offset);
        SixBitGroups.Pack(parts.GroupScales, parts.GroupOffsets, block.Slice(4, SixBitGroups.ByteSize));
        for (int run = 0; run < 4; run++)
            BitFields.JoinNibbles(parts.Codes.Slice(run * 64, 64), block.Slice(48 + run * 32, 32));
        block.Slice(16, 32).Clear();
        for (int group = 0; group < 8; group++)
            BitFields.Insert(parts.Codes.Slice(group * 32, 32), 4, 1, group, block.Slice(16, 32));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q5_K>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q5_K>(blocks);
}
