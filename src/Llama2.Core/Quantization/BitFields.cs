using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>Moves fields of a few bits between bytes, sixteen bytes at a time. The lengths of all spans are multiples of 16.</summary>
internal static class BitFields
{
    /// <summary>The number of bytes that are processed in one step.</summary>
    public const int Width = 16;

    /// <summary>
    /// Copies <paramref name="bitCount"/> bits from every byte of <paramref name="bytes"/>; the lowest of them has the number
    /// <paramref name="shift"/>. They become the lowest bits of the byte at the same index in <paramref name="fields"/>; the other bits of that byte
    /// become zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Extract(ReadOnlySpan<byte> bytes, int shift, int bitCount, Span<byte> fields)
    {
        Debug.Assert(bytes.Length == fields.Length && bytes.Length % Width == 0);
        ref byte source = ref MemoryMarshal.GetReference(bytes), destination = ref MemoryMarshal.GetReference(fields);
        for (nuint i = 0; i < (nuint)bytes.Length; i += Width)
            Field(ref source, i, shift, bitCount).StoreUnsafe(ref destination, i);
    }

    /// <summary>
    /// Copies <paramref name="bitCount"/> bits from every byte of <paramref name="bytes"/>; the lowest of them has the number
    /// <paramref name="shift"/>. In the code at the same index, this lowest bit becomes the bit with the number <paramref name="position"/>. The
    /// code's other bits are kept.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Insert(ReadOnlySpan<byte> bytes, int shift, int bitCount, int position, Span<byte> codes)
    {
        Debug.Assert(bytes.Length == codes.Length && bytes.Length % Width == 0);
        ref byte source = ref MemoryMarshal.GetReference(bytes), destination = ref MemoryMarshal.GetReference(codes);
        for (nuint i = 0; i < (nuint)bytes.Length; i += Width)
        {
            // The sum of position and bitCount is at most 8, so the 16-bit shift moves no bit into the higher byte.
            var field = (Field(ref source, i, shift, bitCount).AsUInt16() << position).AsByte();
            (Vector128.LoadUnsafe(ref destination, i) | field).StoreUnsafe(ref destination, i);
        }
    }

    /// <summary>
    /// Splits every byte into two codes: the low nibbles become the first half of <paramref name="codes"/>, the high nibbles the second half.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplitNibbles(ReadOnlySpan<byte> bytes, Span<byte> codes)
    {
        Extract(bytes, 0, 4, codes[..bytes.Length]);
        Extract(bytes, 4, 4, codes.Slice(bytes.Length, bytes.Length));
    }

    /// <summary>The reverse of <see cref="SplitNibbles"/>; only the lowest four bits of wider codes are used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void JoinNibbles(ReadOnlySpan<byte> codes, Span<byte> bytes)
    {
        Extract(codes[..bytes.Length], 0, 4, bytes);
        Insert(codes.Slice(bytes.Length, bytes.Length), 0, 4, 4, bytes);
    }

    /// <summary>
    /// Collects one bit of each of 32 codes: bit i of the result is the bit of code i that has the number <paramref name="position"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CollectBits(ReadOnlySpan<byte> codes, int position)
        // The 16-bit shift moves bits of the lower byte into the higher byte, but not as far as its highest bit, the only one that is used.
        => (Vector256.Create(codes).AsUInt16() << (7 - position)).AsByte().ExtractMostSignificantBits();

    /// <summary>
    /// Distributes bits to 32 codes: bit i of <paramref name="bits"/> becomes the bit of code i that has the number <paramref name="position"/>. The
    /// codes' other bits are kept.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InsertBits(uint bits, int position, Span<byte> codes)
    {
        // The orders of the shuffles must be constants: for a computed order, the JIT compiler emits a call, and Q5_0 is then unpacked at a tenth of
        // the speed.
        var spread = Vector128.Create(bits).AsByte();
        InsertBits(Vector128.Shuffle(spread, Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)), position, codes);
        InsertBits(Vector128.Shuffle(spread, Vector128.Create((byte)2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3)), position, codes[Width..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InsertBits(Vector128<byte> bits, int position, Span<byte> codes)
    {
        var select = Vector128.Create(0x8040_2010_0804_0201ul).AsByte(); // Of each 8 lanes, lane i tests bit i.
        var isSet = Vector128.Equals(bits & select, select);
        (Vector128.Create<byte>(codes) | (isSet & Vector128.Create((byte)(1 << position)))).CopyTo(codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Field(ref byte bytes, nuint start, int shift, int bitCount)
    {
        // x86 has no instruction that shifts bytes, so 16-bit lanes are shifted. The mask removes the bits that came from the higher byte.
        Debug.Assert(shift + bitCount <= 8);
        return (Vector128.LoadUnsafe(ref bytes, start).AsUInt16() >>> shift).AsByte() & Vector128.Create((byte)((1 << bitCount) - 1));
    }
}
