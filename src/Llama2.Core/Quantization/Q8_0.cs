using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>Blocks of 32 weights: signed 8-bit codes and one scale; 8.5 bits per weight.</summary>
internal readonly struct Q8_0 : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-33 signed codes in the order of the weights

    public static GgmlType Type => GgmlType.Q8_0;

    public static int BlockLength => 32;

    public static int BlockByteSize => 34;

    public static int GroupLength => 32;

    public static int Bias => 128;

    public static int MaxCode => 255;

    public static ReadOnlySpan<byte> HalfOffsets => [0];

    public static float UnitMagnitude => 128;

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
        // The code q + 128 as a byte has the same bits as q, except for the sign bit.
        var sign = Vector256.Create((byte)0x80);
        (Vector256.Create(block.Slice(2, 32)) ^ sign).CopyTo(codes);
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        (Vector256.Create<byte>(parts.Codes) ^ Vector256.Create((byte)0x80)).CopyTo(block[2..]);
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q8_0>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q8_0>(blocks);
}
