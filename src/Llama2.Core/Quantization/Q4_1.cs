using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>Blocks of 32 weights: 4-bit codes, one scale and one minimum; 5 bits per weight.</summary>
internal readonly struct Q4_1 : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-3 minimum (half), added | 4-19 codes: low nibbles = weights 0-15, high nibbles = weights 16-31

    public static GgmlType Type => GgmlType.Q4_1;

    public static int BlockLength => 32;

    public static int BlockByteSize => 20;

    public static int GroupLength => 32;

    public static int Bias => 0;

    public static int MaxCode => 15;

    public static ReadOnlySpan<byte> HalfOffsets => [0, 2];

    public static float UnitMagnitude => 8;

    public static bool HasNibbles => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block);
        parts.Offset = BlockFormat.Negate(BinaryPrimitives.ReadHalfLittleEndian(block[2..]));
        parts.GroupScales[0] = 1;
        parts.GroupOffsets[0] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes) => BitFields.SplitNibbles(block.Slice(4, 16), codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Nibbles(ReadOnlySpan<byte> block, int group) => Vector128.Create(block.Slice(4, 16));

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], BlockFormat.Negate(parts.Offset));
        BitFields.JoinNibbles(parts.Codes[..32], block.Slice(4, 16));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q4_1>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q4_1>(blocks);
}
