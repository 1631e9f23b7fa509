using System.Numerics;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>
/// Decodes small numbers that are written as runs of one value, and as groups of eight that are packed (parquet-format, Encodings.md, "RLE/Bit-Packing
/// Hybrid"): <c>header (varint) | run: the value in whole bytes; or group: 8 numbers of the bit width each, the first in the low bits</c>.
/// </summary>
internal static class HybridRuns
{
    /// <summary>The number of bits of the numbers from 0 to a maximum.</summary>
    public static int BitWidth(int maximum) => 32 - BitOperations.LeadingZeroCount((uint)maximum);

    /// <param name="bytes">The bytes; other bytes may follow the numbers.</param>
    /// <param name="bitWidth">The number of bits of a number, 0 to 31.</param>
    /// <param name="numbers">The numbers to decode.</param>
    /// <exception cref="FormatException">There are fewer numbers.</exception>
    public static void Decode(ReadOnlySpan<byte> bytes, int bitWidth, Span<int> numbers)
    {
        if (bitWidth > 31)
            throw new FormatException($"it has numbers of {bitWidth} bits");
        int position = 0;
        while (!numbers.IsEmpty)
        {
            uint header = ReadHeader(bytes, ref position);
            long count = header >> 1;
            bool isPacked = (header & 1) != 0;
            long byteSize = isPacked ? count * bitWidth : (bitWidth + 7) / 8;
            if (byteSize > bytes.Length - position)
                throw Truncated();
            ReadOnlySpan<byte> data = bytes.Slice(position, (int)byteSize);
            position += (int)byteSize;
            int taken = (int)Math.Min(isPacked ? count * 8 : count, numbers.Length);
            if (isPacked)
                Unpack(data, bitWidth, numbers[..taken]);
            else
                numbers[..taken].Fill(Value(data, bitWidth));
            numbers = numbers[taken..];
        }
    }

    private static int Value(ReadOnlySpan<byte> data, int bitWidth)
    {
        int value = 0;
        for (int i = 0; i < data.Length; i++)
            value |= data[i] << (8 * i);
        return value >= 0 && BitWidth(value) <= bitWidth ? value : throw new FormatException("a run has a value that is too large");
    }

    private static void Unpack(ReadOnlySpan<byte> data, int bitWidth, Span<int> numbers)
    {
        if (bitWidth == 0)
        {
            numbers.Clear();
            return;
        }

        ulong bits = 0;
        int bitCount = 0, next = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            for (; bitCount < bitWidth; bitCount += 8)
                bits |= (ulong)data[next++] << bitCount;
            numbers[i] = (int)(bits & ((1UL << bitWidth) - 1));
            bits >>= bitWidth;
            bitCount -= bitWidth;
        }
    }

    private static uint ReadHeader(ReadOnlySpan<byte> bytes, ref int position)
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if (position == bytes.Length)
                throw Truncated();
            byte next = bytes[position++];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new FormatException("the length of a run is too long");
    }

    private static FormatException Truncated() => new("a page is cut off");
}
