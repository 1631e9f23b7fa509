using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Llama2.Quantization;

/// <summary>Blocks of 32 weights: 5-bit codes around zero, and one scale; 5.5 bits per weight.</summary>
internal readonly struct Q5_0 : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-5 bit 4 of the codes: bit i = weight i | 6-21 bits 0-3: low nibbles = weights 0-15, high = weights 16-31

    public static GgmlType Type => GgmlType.Q5_0;

    public static int BlockLength => 32;

    public static int BlockByteSize => 22;

    public static int GroupLength => 32;

    public static int Bias => 16;

    public static int MaxCode => 31;

    public static ReadOnlySpan<byte> HalfOffsets => [0];

    public static float UnitMagnitude => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block);
        parts.Offset = Half.Zero;
        parts.GroupScales[0] = 1;
        parts.GroupOffsets[0] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes)
    {
        BitFields.SplitNibbles(block.Slice(6, 16), codes);
        BitFields.InsertBits(BinaryPrimitives.ReadUInt32LittleEndian(block[2..]), 4, codes);
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        BinaryPrimitives.WriteUInt32LittleEndian(block[2..], BitFields.CollectBits(parts.Codes, 4));
        BitFields.JoinNibbles(parts.Codes[..32], block.Slice(6, 16));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q5_0>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q5_0>(blocks);
}
