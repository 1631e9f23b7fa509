using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Quantization;

/// <summary>Blocks of 256 weights: 6-bit codes around zero, and an 8-bit scale for each of 16 groups of 16 weights; 6.5625 bits per weight.</summary>
internal readonly struct Q6_K : IBlockFormat
{
    // bytes 0-127 bits 0-3 of the codes | 128-191 bits 4-5 | 192-207 group scales (signed) | 208-209 scale (half)
    // bits 0-3: 64 bytes hold 128 weights; low nibbles = weights 0-63, high nibbles = weights 64-127
    // bits 4-5: 32 bytes hold 128 weights; bits 0-1 = weights 0-31, bits 2-3 = 32-63, bits 4-5 = 64-95, bits 6-7 = 96-127

    public static GgmlType Type => GgmlType.Q6_K;

    public static int BlockLength => 256;

    public static int BlockByteSize => 210;

    public static int GroupLength => 16;

    public static int Bias => 32;

    public static int MaxCode => 63;

    public static ReadOnlySpan<byte> HalfOffsets => [208];

    public static float UnitMagnitude => 2048;

    public static GgmlType ShortRowType => GgmlType.Q8_0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackScales(ReadOnlySpan<byte> block, ref BlockParts parts)
    {
        parts.Scale = BinaryPrimitives.ReadHalfLittleEndian(block[208..]);
        parts.Offset = Half.Zero;
        parts.GroupOffsets[..16].Fill(1);
        block.Slice(192, 16).CopyTo(MemoryMarshal.AsBytes(parts.GroupScales));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackCodes(ReadOnlySpan<byte> block, Span<byte> codes)
    {
        for (int half = 0; half < 2; half++)
        {
            Span<byte> halfCodes = codes.Slice(half * 128, 128);
            BitFields.SplitNibbles(block.Slice(half * 64, 64), halfCodes);
            for (int run = 0; run < 4; run++)
                BitFields.Insert(block.Slice(128 + half * 32, 32), run * 2, 2, 4, halfCodes.Slice(run * 32, 32));
        }
    }

    public static void Pack(in BlockParts parts, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block[208..], parts.Scale);
        MemoryMarshal.AsBytes(parts.GroupScales[..16]).CopyTo(block[192..]);
        block.Slice(128, 64).Clear();
        for (int half = 0; half < 2; half++)
        {
            ReadOnlySpan<byte> codes = parts.Codes.Slice(half * 128, 128);
            BitFields.JoinNibbles(codes, block.Slice(half * 64, 64));
            for (int run = 0; run < 4; run++)
                BitFields.Insert(codes.Slice(run * 32, 32), 4, 2, run * 2, block.Slice(128 + half * 32, 32));
        }
    }

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights) => BlockFormat.Dequantize<Q6_K>(blocks, weights);

    public static bool AreFinite(ReadOnlySpan<byte> blocks) => BlockFormat.AreFinite<Q6_K>(blocks);
}
