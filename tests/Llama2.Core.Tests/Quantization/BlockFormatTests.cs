using Llama2.Quantization;

namespace Llama2.Tests.Quantization;

/// <summary>Requirements on the unpacked parts (codes, scales, offsets) of every block format, whatever code unpacks them.</summary>
public class BlockFormatTests
{
    [Fact]
    public void UnpackAndPack_Q4_0_LoseNothing() => Check<Q4_0>(codeBitCount: 4);

    [Fact]
    public void UnpackAndPack_Q4_1_LoseNothing() => Check<Q4_1>(codeBitCount: 4, hasOffset: true);

    [Fact]
    public void UnpackAndPack_Q5_0_LoseNothing() => Check<Q5_0>(codeBitCount: 5);

    [Fact]
    public void UnpackAndPack_Q5_1_LoseNothing() => Check<Q5_1>(codeBitCount: 5, hasOffset: true);

    [Fact]
    public void UnpackAndPack_Q8_0_LoseNothing() => Check<Q8_0>(codeBitCount: 8);

    [Fact]
    public void UnpackAndPack_Q2_K_LoseNothing() => Check<Q2_K>(codeBitCount: 2, hasGroupScales: true, hasGroupOffsets: true, hasOffset: true);

    [Fact]
    public void UnpackAndPack_Q3_K_LoseNothing() => Check<Q3_K>(codeBitCount: 3, hasGroupScales: true);

    [Fact]
    public void UnpackAndPack_Q4_K_LoseNothing() => Check<Q4_K>(codeBitCount: 4, hasGroupScales: true, hasGroupOffsets: true, hasOffset: true);

    [Fact]
    public void UnpackAndPack_Q5_K_LoseNothing() => Check<Q5_K>(codeBitCount: 5, hasGroupScales: true, hasGroupOffsets: true, hasOffset: true);

    [Fact]
    public void UnpackAndPack_Q6_K_LoseNothing() => Check<Q6_K>(codeBitCount: 6, hasGroupScales: true);

    [Fact]
    public void UnpackAndPack_IQ4_NL_LoseNothing() => Check<IQ4_NL>(codeBitCount: 8);

    [Fact]
    public void UnpackAndPack_IQ4_XS_LoseNothing() => Check<IQ4_XS>(codeBitCount: 8, hasGroupScales: true);

    private static void Check<TFormat>(int codeBitCount, bool hasGroupScales = false, bool hasGroupOffsets = false, bool hasOffset = false)
        where TFormat : struct, IBlockFormat
    {
        TFormat.BlockLength.Should().BeLessThanOrEqualTo(BlockParts.MaxBlockLength);
        (TFormat.BlockLength / TFormat.GroupLength).Should().BeLessThanOrEqualTo(BlockParts.MaxGroupCount);
        TFormat.GroupLength.Should().Match(length => length == 16 || length == 32);
        TFormat.Bias.Should().BeInRange(0, 1 << (codeBitCount - 1));
        TFormat.MaxCode.Should().BeLessThan(1 << codeBitCount);

        var random = new Random(11);
        var block = new byte[TFormat.BlockByteSize];
        for (int repeat = 0; repeat < 100; repeat++)
        {
            random.NextBytes(block);
            Unpacked parts = Unpack<TFormat>(block, leftover: 0x00);
            Unpacked again = Unpack<TFormat>(block, leftover: 0xA5);

            // The same block is unpacked into buffers with other content: a difference would mean that a part was not written.
            again.Codes.Should().Equal(parts.Codes);
            again.GroupScales.Should().Equal(parts.GroupScales);
            again.GroupOffsets.Should().Equal(parts.GroupOffsets);
            again.ScaleBits.Should().Be(parts.ScaleBits);
            again.OffsetBits.Should().Be(parts.OffsetBits);

            parts.Codes.Max().Should().BeLessThanOrEqualTo((byte)TFormat.MaxCode);
            if (IsFinite(parts.ScaleBits) && IsFinite(parts.OffsetBits))
            {
                Pack<TFormat>(parts).Should().Equal(block);
            }

            (hasGroupScales || parts.GroupScales.All(scale => scale == 1)).Should().BeTrue();
            (hasGroupOffsets || parts.GroupOffsets.All(offset => offset == 1)).Should().BeTrue();
            (hasOffset || parts.OffsetBits == 0).Should().BeTrue();
        }
    }

    private static Unpacked Unpack<TFormat>(byte[] block, byte leftover)
        where TFormat : struct, IBlockFormat
    {
        var parts = new BlockParts
        {
            Codes = new byte[BlockParts.MaxBlockLength],
            GroupScales = new sbyte[BlockParts.MaxGroupCount],
            GroupOffsets = new byte[BlockParts.MaxGroupCount],
            Scale = BitConverter.UInt16BitsToHalf(leftover),
            Offset = BitConverter.UInt16BitsToHalf(leftover),
        };
        parts.Codes.Fill(leftover);
        parts.GroupScales.Fill((sbyte)leftover);
        parts.GroupOffsets.Fill(leftover);

        BlockFormat.Unpack<TFormat>(block, ref parts);

        int groupCount = TFormat.BlockLength / TFormat.GroupLength;
        return new Unpacked(
            parts.Codes[..TFormat.BlockLength].ToArray(),
            parts.GroupScales[..groupCount].ToArray(),
            parts.GroupOffsets[..groupCount].ToArray(),
            BitConverter.HalfToUInt16Bits(parts.Scale),
            BitConverter.HalfToUInt16Bits(parts.Offset));
    }

    // Negating NaN may change its bits.
    private static bool IsFinite(ushort bits) => Half.IsFinite(BitConverter.UInt16BitsToHalf(bits));

    private static byte[] Pack<TFormat>(Unpacked unpacked)
        where TFormat : struct, IBlockFormat
    {
        byte[] block = new byte[TFormat.BlockByteSize];
        // The buffer is filled first, so that a bit that is not written is noticed.
        block.AsSpan().Fill(0xA5);
        var parts = new BlockParts
        {
            Codes = unpacked.Codes,
            GroupScales = unpacked.GroupScales,
            GroupOffsets = unpacked.GroupOffsets,
            Scale = BitConverter.UInt16BitsToHalf(unpacked.ScaleBits),
            Offset = BitConverter.UInt16BitsToHalf(unpacked.OffsetBits),
        };
        TFormat.Pack(in parts, block);
        return block;
    }

    private sealed record Unpacked(byte[] Codes, sbyte[] GroupScales, byte[] GroupOffsets, ushort ScaleBits, ushort OffsetBits);
}
