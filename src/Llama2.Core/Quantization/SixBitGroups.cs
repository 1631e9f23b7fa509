using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Llama2.Quantization;

/// <summary>The 6-bit scales and offsets of the 8 groups in a block of Q4_K or Q5_K: 16 numbers in 12 bytes.</summary>
internal static class SixBitGroups
{
    // bytes 0-3: bits 0-5 = scales of groups 0-3, bits 6-7 = bits 4-5 of the scales of groups 4-7
    // bytes 4-7: bits 0-5 = offsets of groups 0-3, bits 6-7 = bits 4-5 of the offsets of groups 4-7
    // bytes 8-11: low nibbles = bits 0-3 of the scales of groups 4-7, high nibbles = bits 0-3 of their offsets

    /// <summary>The size of the eight groups in bytes.</summary>
    public const int ByteSize = 12;

    /// <summary>Unpacks the eight scales and eight offsets. Four of them are processed at a time, in one 32-bit integer.</summary>
    public static void Unpack(ReadOnlySpan<byte> bytes, Span<sbyte> groupScales, Span<byte> groupOffsets)
    {
        uint scales = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        uint offsets = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        uint nibbles = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        Span<byte> scaleBytes = MemoryMarshal.AsBytes(groupScales);
        BinaryPrimitives.WriteUInt32LittleEndian(scaleBytes, scales & 0x3F3F3F3F);
        BinaryPrimitives.WriteUInt32LittleEndian(scaleBytes[4..], (nibbles & 0x0F0F0F0F) | ((scales >> 2) & 0x30303030));
        BinaryPrimitives.WriteUInt32LittleEndian(groupOffsets, offsets & 0x3F3F3F3F);
        BinaryPrimitives.WriteUInt32LittleEndian(groupOffsets[4..], ((nibbles >> 4) & 0x0F0F0F0F) | ((offsets >> 2) & 0x30303030));
    }

    /// <summary>The reverse of <see cref="Unpack"/>.</summary>
    public static void Pack(ReadOnlySpan<sbyte> groupScales, ReadOnlySpan<byte> groupOffsets, Span<byte> bytes)
    {
        ReadOnlySpan<byte> scaleBytes = MemoryMarshal.AsBytes(groupScales);
        uint highScales = BinaryPrimitives.ReadUInt32LittleEndian(scaleBytes[4..]);
        uint highOffsets = BinaryPrimitives.ReadUInt32LittleEndian(groupOffsets[4..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, BinaryPrimitives.ReadUInt32LittleEndian(scaleBytes) | ((highScales & 0x30303030) << 2));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], BinaryPrimitives.ReadUInt32LittleEndian(groupOffsets) | ((highOffsets & 0x30303030) << 2));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], (highScales & 0x0F0F0F0F) | ((highOffsets & 0x0F0F0F0F) << 4));
    }
}
