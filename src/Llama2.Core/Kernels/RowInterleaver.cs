using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector256<ulong>;

namespace Llama2.Kernels;

/// <summary>Interleaves rows of unquantized weights of 2 or 4 bytes into the columns of their panel, 16 rows side by side.</summary>
internal static class RowInterleaver
{
    // The number of columns that are interleaved at a time: their part of the panel stays in the first-level cache until all rows are done.
    private const int PartLength = 128;
    private const int PanelRowCount = 16;

    /// <summary>Fills a panel. Returns false if the exponent of a weight is all ones, that is, if the weight is infinite or NaN.</summary>
    /// <param name="rows">One row after the other.</param>
    /// <param name="rowCount">The number of rows, at most 16.</param>
    /// <param name="columnCount">The number of weights in a row.</param>
    /// <param name="weightByteSize">2 or 4.</param>
    /// <param name="exponent">The bits of a weight's exponent.</param>
    /// <param name="panel">[column][row]; missing rows are left unchanged.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryInterleave(ReadOnlySpan<byte> rows, int rowCount, int columnCount, int weightByteSize, uint exponent, Span<byte> panel)
    {
        int rowByteSize = columnCount * weightByteSize;
        // The number of rows that are interleaved at once, and the number of columns that are read from each row at once.
        int rowStep = sizeof(ulong) / weightByteSize, columnStep = Vector256<byte>.Count / weightByteSize;
        int wholeRowCount = rowCount - rowCount % rowStep, wholeColumnCount = columnCount - columnCount % columnStep;
        Debug.Assert(rows.Length == rowCount * rowByteSize && rowCount <= PanelRowCount && panel.Length >= columnCount * PanelRowCount * weightByteSize);
        ref byte source = ref MemoryMarshal.GetReference(rows), destination = ref MemoryMarshal.GetReference(panel);
        V exponents = weightByteSize == 2 ? Vector256.Create((ushort)exponent).AsUInt64() : Vector256.Create(exponent).AsUInt64();
        bool isFinite = true;
        for (int part = 0; part < wholeColumnCount; part += PartLength)
        {
            int end = Math.Min(part + PartLength, wholeColumnCount);
            for (int row = 0; row < wholeRowCount; row += rowStep)
            {
                for (int column = part; column < end; column += columnStep)
                {
                    ref byte from = ref Unsafe.Add(ref source, (nint)row * rowByteSize + column * weightByteSize);
                    ref byte to = ref Unsafe.Add(ref destination, (column * PanelRowCount + row) * weightByteSize);
                    isFinite &= weightByteSize == 2 ? TryInterleaveFour(ref from, rowByteSize, exponents, ref to) : TryInterleaveTwo(ref from, rowByteSize, exponents, ref to);
                }
            }
        }

        return weightByteSize == 2
            ? isFinite & TryScatterRest(MemoryMarshal.Cast<byte, ushort>(rows), rowCount, columnCount, wholeRowCount, wholeColumnCount, (ushort)exponent, MemoryMarshal.Cast<byte, ushort>(panel))
            : isFinite & TryScatterRest(MemoryMarshal.Cast<byte, uint>(rows), rowCount, columnCount, wholeRowCount, wholeColumnCount, exponent, MemoryMarshal.Cast<byte, uint>(panel));
    }

    // Interleaves 16 weights of 2 bytes from each of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryInterleaveFour(ref byte rows, nint rowByteSize, V exponents, ref byte panel)
    {
        V a = Load(ref rows, 0), b = Load(ref rows, rowByteSize), c = Load(ref rows, 2 * rowByteSize), d = Load(ref rows, 3 * rowByteSize);
        (V ab0, V ab1) = Interleave(a, b, 16, 0x0000_ffff_0000_ffff);
        (V cd0, V cd1) = Interleave(c, d, 16, 0x0000_ffff_0000_ffff);
        (V column0, V column2) = Interleave(ab0, cd0, 32, 0xffff_ffff);
        (V column1, V column3) = Interleave(ab1, cd1, 32, 0xffff_ffff);
        const int ColumnByteSize = PanelRowCount * sizeof(ushort);
        Store(column0, ref panel, 4 * ColumnByteSize);
        Store(column1, ref Unsafe.Add(ref panel, ColumnByteSize), 4 * ColumnByteSize);
        Store(column2, ref Unsafe.Add(ref panel, 2 * ColumnByteSize), 4 * ColumnByteSize);
        Store(column3, ref Unsafe.Add(ref panel, 3 * ColumnByteSize), 4 * ColumnByteSize);
        Vector256<ushort> ones = exponents.AsUInt16();
        var infinite = Vector256.Equals(a.AsUInt16() & ones, ones) | Vector256.Equals(b.AsUInt16() & ones, ones)
            | Vector256.Equals(c.AsUInt16() & ones, ones) | Vector256.Equals(d.AsUInt16() & ones, ones);
        return infinite == Vector256<ushort>.Zero;
    }

    // Interleaves 8 weights of 4 bytes from each of two rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryInterleaveTwo(ref byte rows, nint rowByteSize, V exponents, ref byte panel)
    {
        V a = Load(ref rows, 0), b = Load(ref rows, rowByteSize);
        (V column0, V column1) = Interleave(a, b, 32, 0xffff_ffff);
        const int ColumnByteSize = PanelRowCount * sizeof(uint);
        Store(column0, ref panel, 2 * ColumnByteSize);
        Store(column1, ref Unsafe.Add(ref panel, ColumnByteSize), 2 * ColumnByteSize);
        Vector256<uint> ones = exponents.AsUInt32();
        return (Vector256.Equals(a.AsUInt32() & ones, ones) | Vector256.Equals(b.AsUInt32() & ones, ones)) == Vector256<uint>.Zero;
    }

    private static V Load(ref byte rows, nint offset) => Vector256.LoadUnsafe(ref Unsafe.Add(ref rows, offset)).AsUInt64();

    // Splits two vectors into fields of the given number of bits, and returns the even fields of both vectors, and the odd fields of both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V Even, V Odd) Interleave(V a, V b, int bits, ulong evenFields)
    {
        V even = Vector256.Create(evenFields);
        return (a & even | b << bits & ~even, a >> bits & even | b & ~even);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V columns, ref byte panel, nint stride)
    {
        Unsafe.WriteUnaligned(ref panel, columns[0]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref panel, stride), columns[1]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref panel, 2 * stride), columns[2]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref panel, 3 * stride), columns[3]);
    }

    // Interleaves the rows and columns that do not fill a step, one weight at a time.
    private static bool TryScatterRest<T>(ReadOnlySpan<T> rows, int rowCount, int columnCount, int wholeRowCount, int wholeColumnCount, T exponent, Span<T> panel)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        bool isFinite = true;
        for (int row = 0; row < rowCount; row++)
        {
            for (int column = row < wholeRowCount ? wholeColumnCount : 0; column < columnCount; column++)
            {
                T bits = rows[row * columnCount + column];
                isFinite &= (bits & exponent) != exponent;
                panel[column * PanelRowCount + row] = bits;
            }
        }

        return isFinite;
    }
}
