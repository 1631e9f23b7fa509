using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>
/// Blocks of 256 weights: 4-bit codes, and a 6-bit scale and a 6-bit offset for each of 8 groups of 32 weights; 4.5 bits per weight.
/// </summary>
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

    public static ReadOnlySpan<byte> HalfOffsets => [0, 2];

    public static float UnitMagnitude => 512;

    public static GgmlType ShortRowType => GgmlType.Q5_0;

    public static bool HasNibbles => true;

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
            BitFields.SplitNibbles(block.Slice(16 + run * 32, 32), codes.Slice(run * 64, 64));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Nibbles(ReadOnlySpan<byte> block, int group)
    {
        // The low nibbles of 32 bytes are the codes of one group, and the high nibbles are those of the next group.
        Vector128<byte> first = Vector128.Create(block.Slice(16 + group / 2 * 32, 16)), last = Vector128.Create(block.Slice(32 + group / 2 * 32, 16));
        Vector128<byte> low = Vector128.Create((byte)0x0F), high = Vector128.Create((byte)0xF0);
        return group % 2 == 0
            ? first & low | (last.AsUInt16() << 4).AsByte() & high
            : (first.AsUInt16() >>> 4).AsByte() & low | last & high;
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

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q4_K>(blocks);
}
