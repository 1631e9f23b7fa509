using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>Blocks of 32 weights: 4-bit codes around zero, and one scale; 4.5 bits per weight.</summary>
internal readonly struct Q4_0 : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-17 codes: low nibbles = weights 0-15, high nibbles = weights 16-31

    public static GgmlType Type => GgmlType.Q4_0;

    public static int BlockLength => 32;

    public static int BlockByteSize => 18;

    public static int GroupLength => 32;

    public static int Bias => 8;

    public static int MaxCode => 15;

    public static ReadOnlySpan<byte> HalfOffsets => [0];

    public static float UnitMagnitude => 8;

    public static bool HasNibbles => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block);
        parts.Offset = Half.Zero;
        parts.GroupScales[0] = 1;
        parts.GroupOffsets[0] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes) => BitFields.SplitNibbles(block.Slice(2, 16), codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Nibbles(ReadOnlySpan<byte> block, int group) => Vector128.Create(block.Slice(2, 16));

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        BitFields.JoinNibbles(parts.Codes[..32], block.Slice(2, 16));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q4_0>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q4_0>(blocks);
}
