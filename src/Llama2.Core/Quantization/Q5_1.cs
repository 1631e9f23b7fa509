using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Llama2.Quantization;

/// <summary>Blocks of 32 weights: 5-bit codes, one scale and one minimum; 6 bits per weight.</summary>
internal readonly struct Q5_1 : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-3 minimum (half), added | 4-7 bit 4 of the codes: bit i = weight i
    // | 8-23 bits 0-3: low nibbles = weights 0-15, high nibbles = weights 16-31

    public static GgmlType Type => GgmlType.Q5_1;

    public static int BlockLength => 32;

    public static int BlockByteSize => 24;

    public static int GroupLength => 32;

    public static int Bias => 0;

    public static int MaxCode => 31;

    public static ReadOnlySpan<byte> HalfOffsets => [0, 2];

    public static float UnitMagnitude => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block);
        parts.Offset = BlockFormat.Negate(BinaryPrimitives.ReadHalfLittleEndian(block[2..]));
        parts.GroupScales[0] = 1;
        parts.GroupOffsets[0] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes)
    {
        BitFields.SplitNibbles(block.Slice(8, 16), codes);
        BitFields.InsertBits(BinaryPrimitives.ReadUInt32LittleEndian(block[4..]), 4, codes);
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], BlockFormat.Negate(parts.Offset));
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], BitFields.CollectBits(parts.Codes, 4));
        BitFields.JoinNibbles(parts.Codes[..32], block.Slice(8, 16));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q5_1>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q5_1>(blocks);
}
