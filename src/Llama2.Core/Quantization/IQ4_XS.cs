using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>
/// Blocks of 256 weights: 4-bit indices of unevenly spaced codes, and a 6-bit scale for each of 8 groups of 32 weights; 4.25 bits per weight.
/// </summary>
internal readonly struct IQ4_XS : IBlockFormat
{
    // bytes 0-1 scale (half) | 2-3 bits 4-5 of the group scales: bits 2g and 2g + 1 = group g
    // | 4-7 bits 0-3 of the group scales: low nibbles = groups 0, 2, 4, 6, high = 1, 3, 5, 7; the 6 bits hold the scale + 32
    // | 8-135 indices of NonlinearCodes: 16 bytes hold one group; low nibbles = its weights 0-15, high nibbles = 16-31

    public static GgmlType Type => GgmlType.IQ4_XS;

    public static int BlockLength => 256;

    public static int BlockByteSize => 136;

    public static int GroupLength => 32;

    public static int Bias => NonlinearCodes.Bias;

    public static int MaxCode => NonlinearCodes.MaxCode;

    public static ReadOnlySpan<byte> HalfOffsets => [0];

    public static float UnitMagnitude => 2048;

    public static GgmlType ShortRowType => GgmlType.IQ4_NL;

    public static bool HasNonlinearCodes => true;

    public static bool HasNibbles => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block);
        parts.Offset = Half.Zero;
        int highBits = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]);
        for (int group = 0; group < 8; group++)
        {
            int low = (block[4 + (group >> 1)] >> ((group & 1) << 2)) & 15;
            int high = (highBits >> (2 * group)) & 3;
            parts.GroupScales[group] = (sbyte)((low | high << 4) - 32);
            parts.GroupOffsets[group] = 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes)
    {
        for (int group = 0; group < 8; group++)
            NonlinearCodes.Unpack(block.Slice(8 + group * NonlinearCodes.ByteSize, NonlinearCodes.ByteSize), codes[(group * 32)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Nibbles(ReadOnlySpan<byte> block, int group) => Vector128.Create(block.Slice(8 + 16 * group, 16));

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, parts.Scale);
        block.Slice(4, 4).Clear();
        int highBits = 0;
        for (int group = 0; group < 8; group++)
        {
            int scale = parts.GroupScales[group] + 32;
            block[4 + (group >> 1)] |= (byte)((scale & 15) << ((group & 1) << 2));
            highBits |= scale >> 4 << (2 * group);
            NonlinearCodes.Pack(parts.Codes[(group * 32)..], block.Slice(8 + group * NonlinearCodes.ByteSize, NonlinearCodes.ByteSize));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(block[2..], (ushort)highBits);
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<IQ4_XS>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<IQ4_XS>(blocks);
}
