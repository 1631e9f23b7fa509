using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Quantization;

/// <summary>Moves fields of a few bits between bytes, sixteen bytes at a time. Lengths are multiples of 16.</summary>
internal static class BitFields
{
    /// <summary>Bytes in one step.</summary>
    public const int Width = 16;

    /// <summary>Copies <paramref name="bitCount"/> bits at <paramref name="shift"/> of every byte into a separate byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Extract(ReadOnlySpan<byte> bytes, int shift, int bitCount, Span<byte> fields)
    {
        Debug.Assert(bytes.Length == fields.Length && bytes.Length % Width == 0);
        ref byte source = ref MemoryMarshal.GetReference(bytes), destination = ref MemoryMarshal.GetReference(fields);
        for (nuint i = 0; i < (nuint)bytes.Length; i += Width)
            Field(ref source, i, shift, bitCount).StoreUnsafe(ref destination, i);
    }

    /// <summary>Adds <paramref name="bitCount"/> bits at <paramref name="shift"/> of every byte to a code, at <paramref name="position"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Insert(ReadOnlySpan<byte> bytes, int shift, int bitCount, int position, Span<byte> codes)
    {
        Debug.Assert(bytes.Length == codes.Length && bytes.Length % Width == 0);
        ref byte source = ref MemoryMarshal.GetReference(bytes), destination = ref MemoryMarshal.GetReference(codes);
        for (nuint i = 0; i < (nuint)bytes.Length; i += Width)
        {
            // Position + bitCount is at most 8, so the 16-bit shift carries nothing into the byte above.
            var field = (Field(ref source, i, shift, bitCount).AsUInt16() << position).AsByte();
            (Vector128.LoadUnsafe(ref destination, i) | field).StoreUnsafe(ref destination, i);
        }
    }

    /// <summary>Splits every byte: low nibbles go to the first half of <paramref name="codes"/>, high nibbles to the second.</summary>
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

    /// <summary>Bit i of the result is the bit at <paramref name="position"/> of code i; 32 codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CollectBits(ReadOnlySpan<byte> codes, int position)
        // Bits that come from the lower byte do not reach the highest bit of each byte, the only one that is used.
        => (Vector256.Create(codes).AsUInt16() << (7 - position)).AsByte().ExtractMostSignificantBits();

    /// <summary>Adds bit i of <paramref name="bits"/> to code i, at <paramref name="position"/>; 32 codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InsertBits(uint bits, int position, Span<byte> codes)
    {
        // The shuffle orders are constants: with a computed order, the shuffle is a call, and Q5_0 unpacks at a tenth of the speed.
        var spread = Vector128.Create(bits).AsByte();
        InsertBits(Vector128.Shuffle(spread, Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)), position, codes);
        InsertBits(Vector128.Shuffle(spread, Vector128.Create((byte)2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3)), position, codes[Width..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InsertBits(Vector128<byte> bits, int position, Span<byte> codes)
    {
        var select = Vector128.Create(0x8040_2010_0804_0201ul).AsByte(); // lane i of each 8 tests bit i
        var isSet = Vector128.Equals(bits & select, select);
        (Vector128.Create<byte>(codes) | (isSet & Vector128.Create((byte)(1 << position)))).CopyTo(codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Field(ref byte bytes, nuint start, int shift, int bitCount)
    {
        // x86 has no byte shift, so 16-bit lanes are shifted; the mask removes the bits that came from the higher byte.
        Debug.Assert(shift + bitCount <= 8);
        return (Vector128.LoadUnsafe(ref bytes, start).AsUInt16() >>> shift).AsByte() & Vector128.Create((byte)((1 << bitCount) - 1));
    }
}
