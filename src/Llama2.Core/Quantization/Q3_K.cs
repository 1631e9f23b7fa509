using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Llama2.Quantization;

/// <summary>Blocks of 256 weights: 3-bit codes around zero, and a 6-bit scale for each of 16 groups of 16 weights; 3.4375 bits per weight.</summary>
internal readonly struct Q3_K : IBlockFormat
{
    // bytes 0-31 bit 2 of the codes: bit i of byte j = weight 32 i + j | 32-95 bits 0-1 | 96-107 group scales | 108-109 scale (half)
    // bits 0-1: 32 bytes hold 128 weights; bits 0-1 = weights 0-31, bits 2-3 = 32-63, bits 4-5 = 64-95, bits 6-7 = 96-127
    // group scales, 6 bits that hold the scale + 32: bits 0-3 in bytes 0-7 (low nibbles = groups 0-7, high = 8-15);
    // bits 4-5 in bytes 8-11 (bits 0-1 = groups 0-3, bits 2-3 = 4-7, bits 4-5 = 8-11, bits 6-7 = 12-15)

    public static GgmlType Type => GgmlType.Q3_K;

    public static int BlockLength => 256;

    public static int BlockByteSize => 110;

    public static int GroupLength => 16;

    public static int Bias => 4;

    public static int MaxCode => 7;

    public static ReadOnlySpan<byte> HalfOffsets => [108];

    public static float UnitMagnitude => 64;

    public static GgmlType ShortRowType => GgmlType.Q4_0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block[108..]);
        parts.Offset = Half.Zero;
        parts.GroupOffsets[..16].Fill(1);
        UnpackGroupScales(block.Slice(96, 12), parts.GroupScales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes)
    {
        for (int run = 0; run < 8; run++)
        {
            Span<byte> runCodes = codes.Slice(run * 32, 32);
            BitFields.Extract(block.Slice(32 + run / 4 * 32, 32), run % 4 * 2, 2, runCodes);
            BitFields.Insert(block[..32], run, 1, 2, runCodes);
        }
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        block.Clear();
        BinaryPrimitives.WriteHalfLittleEndian(block[108..], parts.Scale);
        PackGroupScales(parts.GroupScales, block.Slice(96, 12));
        for (int run = 0; run < 8; run++)
        {
            ReadOnlySpan<byte> codes = parts.Codes.Slice(run * 32, 32);
            BitFields.Insert(codes, 0, 2, run % 4 * 2, block.Slice(32 + run / 4 * 32, 32));
            BitFields.Insert(codes, 2, 1, run, block[..32]);
        }
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q3_K>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q3_K>(blocks);

    private static void UnpackGroupScales(ReadOnlySpan<byte> bytes, Span<sbyte> groupScales)
    {
        for (int group = 0; group < 16; group++)
        {
            int low = (bytes[group & 7] >> (group >> 3 << 2)) & 15;
            int high = (bytes[8 + (group & 3)] >> (group >> 2 << 1)) & 3;
            groupScales[group] = (sbyte)((low | high << 4) - 32);
        }
    }

    private static void PackGroupScales(ReadOnlySpan<sbyte> groupScales, Span<byte> bytes)
    {
        for (int group = 0; group < 16; group++)
        {
            int scale = groupScales[group] + 32;
            bytes[group & 7] |= (byte)((scale & 15) << (group >> 3 << 2));
            bytes[8 + (group & 3)] |= (byte)(scale >> 4 << (group >> 2 << 1));
        }
    }
}
