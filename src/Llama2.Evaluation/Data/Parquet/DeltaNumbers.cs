namespace Llama2.Evaluation.Data.Parquet;

/// <summary>
/// Decodes DELTA_BINARY_PACKED (parquet-format, Encodings.md):
/// <c>block size | miniblocks per block | count | first value | blocks of: least difference | bit width per miniblock | packed differences</c>; the
/// numbers are varints, and the first value and the least differences are in zigzag form.
/// </summary>
internal static class DeltaNumbers
{
    private const int MaxBlockSize = 1 << 16;

    /// <param name="bytes">The bytes; other bytes may follow the numbers.</param>
    /// <param name="count">The number of numbers that there must be.</param>
    /// <param name="byteSize">The number of bytes that the numbers take.</param>
    /// <exception cref="FormatException">The bytes are malformed.</exception>
    public static long[] Decode(ReadOnlySpan<byte> bytes, int count, out int byteSize)
    {
        int position = 0;
        ulong blockSize = ReadUnsigned(bytes, ref position), miniblockCount = ReadUnsigned(bytes, ref position);
        if (blockSize is 0 or > MaxBlockSize || miniblockCount is 0 || miniblockCount > blockSize || blockSize % miniblockCount != 0 || blockSize / miniblockCount % 8 != 0)
            throw new FormatException("a page's numbers are malformed");
        if (ReadUnsigned(bytes, ref position) != (ulong)count)
            throw new FormatException("a page has a different number of values than its header states");
        long value = ReadSigned(bytes, ref position);
        long[] values = new long[count];
        int next = 0;
        if (count > 0)
            values[next++] = value;
        while (next < count)
            DecodeBlock(bytes, ref position, values, ref next, (int)miniblockCount, (int)(blockSize / miniblockCount));
        byteSize = position;
        return values;
    }

    private static void DecodeBlock(ReadOnlySpan<byte> bytes, ref int position, long[] values, ref int next, int miniblockCount, int miniblockSize)
    {
        long least = ReadSigned(bytes, ref position);
        if (miniblockCount > bytes.Length - position)
            throw Truncated();
        ReadOnlySpan<byte> widths = bytes.Slice(position, miniblockCount);
        position += miniblockCount;
        for (int miniblock = 0; miniblock < miniblockCount && next < values.Length; miniblock++)
        {
            int bitWidth = widths[miniblock];
            int byteSize = miniblockSize / 8 * bitWidth;
            if (bitWidth > 64)
                throw new FormatException("a page's numbers are malformed");
            if (byteSize > bytes.Length - position)
                throw Truncated();
            ReadOnlySpan<byte> packed = bytes.Slice(position, byteSize);
            position += byteSize;
            for (int i = 0; i < miniblockSize && next < values.Length; i++, next++)
                values[next] = unchecked(values[next - 1] + least + (long)Unpack(packed, i * bitWidth, bitWidth));
        }
    }

    private static ulong Unpack(ReadOnlySpan<byte> packed, int firstBit, int bitWidth)
    {
        ulong value = 0;
        for (int bit = 0; bit < bitWidth; bit++)
        {
            int at = firstBit + bit;
            value |= (ulong)((packed[at / 8] >> (at % 8)) & 1) << bit;
        }

        return value;
    }

    private static long ReadSigned(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = ReadUnsigned(bytes, ref position);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private static ulong ReadUnsigned(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (position == bytes.Length)
                throw Truncated();
            byte next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new FormatException("a page's numbers are malformed");
    }

    private static FormatException Truncated() => new("a page is cut off");
}
