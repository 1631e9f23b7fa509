using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Llama2.Training.Quantization;

/// <summary>
/// Decodes columns of 16 NF4 weights. A column has eight bytes. Byte i holds the index of row i in its low half and the index of row i + 8 in its
/// high half.
/// </summary>
internal static class NormalFloatDecoder
{
    private const int RowCount = 16;
    private const ulong Nibbles = 0x0F0F_0F0F_0F0F_0F0F;

    /// <param name="codes">Eight bytes for each column.</param>
    /// <param name="scales">The scales of the 16 rows.</param>
    /// <param name="weights">Receives 16 weights for each column. The length of the span determines the number of columns.</param>
    public static void Decode(ReadOnlySpan<byte> codes, ReadOnlySpan<float> scales, Span<float> weights)
    {
        if (Avx512F.IsSupported)
        {
            Decode512(codes, scales, weights);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Decode256(codes, scales, weights);
        }
        else
        {
            DecodeScalar(codes, scales, weights);
        }
    }

    /// <summary>
    /// Decodes with 512-bit registers: one register holds all 16 values of NF4, and another receives the weights of all 16 rows. The shuffle reads only
    /// the lowest four bits of an index, so the upper half of a byte need not be cleared for the rows of the lower half.
    /// </summary>
    public static void Decode512(ReadOnlySpan<byte> codes, ReadOnlySpan<float> scales, Span<float> weights)
    {
        Vector512<float> values = Vector512.Create(NormalFloat4.Values), scale = Vector512.Create(scales);
        Vector512<uint> shifts = Vector512.Create(Vector256<uint>.Zero, Vector256.Create(4u));
        ReadOnlySpan<ulong> columns = MemoryMarshal.Cast<byte, ulong>(codes);
        ref float destination = ref MemoryMarshal.GetReference(weights);
        for (int column = 0; column < weights.Length / RowCount; column++)
        {
            Vector512<uint> bytes = Avx512F.ConvertToVector512UInt32(Vector128.Create(columns[column]).AsByte());
            (Vector512.ShuffleNative(values, Avx512F.ShiftRightLogicalVariable(bytes, shifts).AsInt32()) * scale).StoreUnsafe(ref destination, (nuint)(column * RowCount));
        }
    }

    /// <summary>
    /// Decodes eight rows at a time with 256-bit registers. The 16 values of NF4 take two registers, and the highest bit of an index chooses between
    /// them.
    /// </summary>
    public static void Decode256(ReadOnlySpan<byte> codes, ReadOnlySpan<float> scales, Span<float> weights)
    {
        Vector256<float> low = Vector256.Create(NormalFloat4.Values), high = Vector256.Create(NormalFloat4.Values[8..]);
        Vector256<float> scale0 = Vector256.Create(scales), scale1 = Vector256.Create(scales[8..]);
        ReadOnlySpan<ulong> columns = MemoryMarshal.Cast<byte, ulong>(codes);
        ref float destination = ref MemoryMarshal.GetReference(weights);
        for (int column = 0; column < weights.Length / RowCount; column++)
        {
            Vector512<int> indexes = Widen(columns[column]);
            (Lookup(low, high, indexes.GetLower()) * scale0).StoreUnsafe(ref destination, (nuint)(column * RowCount));
            (Lookup(low, high, indexes.GetUpper()) * scale1).StoreUnsafe(ref destination, (nuint)(column * RowCount + 8));
        }
    }

    public static void DecodeScalar(ReadOnlySpan<byte> codes, ReadOnlySpan<float> scales, Span<float> weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            int row = i % RowCount, packed = codes[i / RowCount * 8 + row % 8];
            weights[i] = NormalFloat4.Values[row < 8 ? packed & 15 : packed >> 4] * scales[row];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Lookup(Vector256<float> low, Vector256<float> high, Vector256<int> indexes)
    {
        Vector256<int> within = indexes & Vector256.Create(7);
        return Vector256.ConditionalSelect(
            Vector256.GreaterThan(indexes, Vector256.Create(7)).AsSingle(), Vector256.ShuffleNative(high, within), Vector256.ShuffleNative(low, within));
    }

    // Widens 16 indexes of four bits to 16 integers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(ulong column)
    {
        Vector128<byte> indexes = Vector128.Create(column & Nibbles, (column >> 4) & Nibbles).AsByte();
        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.WidenLower(indexes.ToVector256Unsafe()));
        return Vector512.Create(lower, upper).AsInt32();
    }
}
