using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>Blocks of 32 weights: 4-bit indices of unevenly spaced codes, and one scale; 4.5 bits per weight.</summary>
internal readonly struct IQ4_NL : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-17 indices of NonlinearCodes: low nibbles = weights 0-15, high nibbles = weights 16-31

    public static GgmlType Type => GgmlType.IQ4_NL;

    public static int BlockLength => 32;

    public static int BlockByteSize => 18;

    public static int GroupLength => 32;

    public static int Bias => NonlinearCodes.Bias;

    public static int MaxCode => NonlinearCodes.MaxCode;

    public static ReadOnlySpan<byte> HalfOffsets => [0];

    public static float UnitMagnitude => 128;

    public static bool HasNonlinearCodes => true;

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
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes) => NonlinearCodes.Unpack(block.Slice(2, NonlinearCodes.ByteSize), codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Nibbles(ReadOnlySpan<byte> block, int group) => Vector128.Create(block.Slice(2, 16));

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        NonlinearCodes.Pack(parts.Codes, block.Slice(2, NonlinearCodes.ByteSize));
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<IQ4_NL>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<IQ4_NL>(blocks);
}
