using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Quantization;

/// <summary>
/// Blocks of 256 weights: 2-bit codes, and a 4-bit scale and a 4-bit offset for each of 16 groups of 16 weights; 2.625 bits per weight.
/// </summary>
internal readonly struct Q2_K : IBlockFormat
{
    // bytes 0-15 groups: low nibble scale, high nibble offset | 16-79 codes | 80-81 scale (half) | 82-83 offset (half)
    // codes: 32 bytes hold 128 weights; bits 0-1 = weights 0-31, bits 2-3 = 32-63, bits 4-5 = 64-95, bits 6-7 = 96-127

    public static GgmlType Type => GgmlType.Q2_K;

    public static int BlockLength => 256;

    public static int BlockByteSize => 84;

    public static int GroupLength => 16;

    public static int Bias => 0;

    public static int MaxCode => 3;

    public static ReadOnlySpan<byte> HalfOffsets => [80, 82];

    public static float UnitMagnitude => 32;

    public static GgmlType ShortRowType => GgmlType.Q4_0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block[80..]);
        parts.Offset = BinaryPrimitives.ReadHalfLittleEndian(block[82..]);
        ReadOnlySpan<byte> groups = block[..16];
        BitFields.Extract(groups, 0, 4, MemoryMarshal.AsBytes(parts.GroupScales[..16]));
        BitFields.Extract(groups, 4, 4, parts.GroupOffsets[..16]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes)
    {
        for (int run = 0; run < 8; run++)
            BitFields.Extract(block.Slice(16 + run / 4 * 32, 32), run % 4 * 2, 2, codes.Slice(run * 32, 32));
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        block.Clear();
        BinaryPrimitives.WriteHalfLittleEndian(block[80..], parts.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[82..], parts.Offset);
        BitFields.Insert(MemoryMarshal.AsBytes(parts.GroupScales[..16]), 0, 4, 0, block[..16]);
        BitFields.Insert(parts.GroupOffsets[..16], 0, 4, 4, block[..16]);
        for (int run = 0; run < 8; run++)
            BitFields.Insert(parts.Codes.Slice(run * 32, 32), 0, 2, run % 4 * 2, block.Slice(16 + run / 4 * 32, 32));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q2_K>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q2_K>(blocks);
}
