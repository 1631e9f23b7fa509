using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector128<ulong>;

namespace Llama2.Kernels;

/// <summary>Transposes 8 bytes of each of 16 rows, such as group scales, so that the bytes of the rows are side by side.</summary>
internal static class ByteTransposer
{
    /// <summary>The number of rows.</summary>
    public const int RowCount = 16;

    /// <summary>The place of a row's 8 bytes in the source of <see cref="Transpose"/>: one vector has those of rows i and i + 8.</summary>
    public static int IndexOf(int row) => row % 8 * 2 + row / 8;

    /// <summary>Writes, for each of the 8 bytes, the bytes of the 16 rows.</summary>
    /// <param name="rows">The 8 bytes of each row, at <see cref="IndexOf"/>; the first byte is the lowest one.</param>
    /// <param name="columns">Receives 16 bytes for each of the 8 columns.</param>
    /// <param name="stride">The number of bytes from a column to the next one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(ReadOnlySpan<ulong> rows, Span<byte> columns, int stride)
    {
        Debug.Assert(rows.Length == RowCount && columns.Length >= 7 * stride + RowCount);
        ref ulong source = ref MemoryMarshal.GetReference(rows);
        // Each step doubles the number of neighbouring bytes of one column: of two rows, of four, of eight.
        (V even01, V odd01) = Interleave(Load(ref source, 0), Load(ref source, 1), 8, 0x00ff_00ff_00ff_00ff);
        (V even23, V odd23) = Interleave(Load(ref source, 2), Load(ref source, 3), 8, 0x00ff_00ff_00ff_00ff);
        (V even45, V odd45) = Interleave(Load(ref source, 4), Load(ref source, 5), 8, 0x00ff_00ff_00ff_00ff);
        (V even67, V odd67) = Interleave(Load(ref source, 6), Load(ref source, 7), 8, 0x00ff_00ff_00ff_00ff);
        ref byte destination = ref MemoryMarshal.GetReference(columns);
        Finish(even01, even23, even45, even67, ref destination, stride);
        Finish(odd01, odd23, odd45, odd67, ref Unsafe.Add(ref destination, stride), stride);
    }

    // Finishes the columns 0, 2, 4 and 6 from the first one on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(V rows01, V rows23, V rows45, V rows67, ref byte column, int stride)
    {
        (V columns04Low, V columns26Low) = Interleave(rows01, rows23, 16, 0x0000_ffff_0000_ffff);
        (V columns04High, V columns26High) = Interleave(rows45, rows67, 16, 0x0000_ffff_0000_ffff);
        (V column0, V column4) = Interleave(columns04Low, columns04High, 32, 0xffff_ffff);
        (V column2, V column6) = Interleave(columns26Low, columns26High, 32, 0xffff_ffff);
        column0.AsByte().StoreUnsafe(ref column);
        column2.AsByte().StoreUnsafe(ref column, (nuint)(2 * stride));
        column4.AsByte().StoreUnsafe(ref column, (nuint)(4 * stride));
        column6.AsByte().StoreUnsafe(ref column, (nuint)(6 * stride));
    }

    private static V Load(ref ulong rows, nuint index) => Vector128.LoadUnsafe(ref rows, 2 * index);

    // Splits two vectors into fields of the given number of bits, and returns the even fields of both vectors, and the odd fields of both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V Even, V Odd) Interleave(V a, V b, int bits, ulong evenFields)
    {
        V even = Vector128.Create(evenFields);
        return (a & even | b << bits & ~even, a >>> bits & even | b & ~even);
    }
}
