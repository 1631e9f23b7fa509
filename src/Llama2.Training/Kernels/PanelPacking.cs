using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Llama2.Training.Kernels;

/// <summary>Packs vectors side by side, as the matrix kernel reads them: element 0 of every vector, then element 1 of every vector, and so on.</summary>
internal static class PanelPacking
{
    /// <summary>Packs rows: <c>packed[element · width + row]</c>.</summary>
    /// <param name="source">The first row.</param>
    /// <param name="stride">The distance in floats from one row to the next.</param>
    /// <param name="count">The number of rows, at most <paramref name="width"/>; missing rows are filled with 0.</param>
    /// <param name="length">The number of elements of a row; an odd number is padded with a 0.</param>
    /// <param name="width">8 or 16.</param>
    /// <param name="packed">Receives <paramref name="width"/> floats for each element.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRows(ref float source, nint stride, int count, int length, int width, Span<float> packed)
    {
        Debug.Assert(count <= width && packed.Length >= (length + length % 2) * width);
        if (count < width || length % 2 != 0)
        {
            packed.Clear();
        }

        ref float destination = ref MemoryMarshal.GetReference(packed);
        int row = 0;
        if (Avx.IsSupported)
        {
            for (; row <= count - 8; row += 8)
            {
                PackEightRows(ref Unsafe.Add(ref source, row * stride), stride, length, width, ref Unsafe.Add(ref destination, row));
            }
        }

        for (; row <= count - 4; row += 4)
        {
            PackFourRows(ref Unsafe.Add(ref source, row * stride), stride, length, width, ref Unsafe.Add(ref destination, row));
        }

        for (; row < count; row++)
        {
            for (int i = 0; i < length; i++)
            {
                Unsafe.Add(ref destination, i * width + row) = Unsafe.Add(ref source, row * stride + i);
            }
        }
    }

    /// <summary>
    /// Packs columns in groups: <c>packed[group][element · width + column]</c>. The source is read row by row, because memory is read fastest in
    /// sequence, and the elements of a column are far apart.
    /// </summary>
    /// <param name="source">The first column's first element.</param>
    /// <param name="stride">The distance in floats from one element to the next.</param>
    /// <param name="count">The number of columns; missing columns of the last group are filled with 0.</param>
    /// <param name="length">The number of elements of a column; an odd number is padded with a 0.</param>
    /// <param name="width">8 or 16.</param>
    /// <param name="packed">Receives <paramref name="width"/> floats for each element and group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackColumns(ref float source, nint stride, int count, int length, int width, Span<float> packed)
    {
        int groupLength = (length + length % 2) * width, whole = count / width * width;
        Debug.Assert(packed.Length >= (count + width - 1) / width * groupLength);
        if (length % 2 != 0 || whole < count)
        {
            packed.Clear();
        }

        ref float destination = ref MemoryMarshal.GetReference(packed);
        for (int i = 0; i < length; i++)
        {
            ref float row = ref Unsafe.Add(ref source, i * stride), group = ref Unsafe.Add(ref destination, i * width);
            int column = 0;
            if (width == Vector512<float>.Count)
            {
                for (; column < whole; column += Vector512<float>.Count)
                {
                    Vector512.LoadUnsafe(ref row, (nuint)column).StoreUnsafe(ref group);
                    group = ref Unsafe.Add(ref group, groupLength);
                }
            }
            else if (width == Vector256<float>.Count)
            {
                for (; column < whole; column += Vector256<float>.Count)
                {
                    Vector256.LoadUnsafe(ref row, (nuint)column).StoreUnsafe(ref group);
                    group = ref Unsafe.Add(ref group, groupLength);
                }
            }

            for (; column < count; column++)
            {
                Unsafe.Add(ref destination, column / width * groupLength + i * width + column % width) = Unsafe.Add(ref row, column);
            }
        }
    }

    // The lower halves of the registers hold rows 0 to 3 and the upper halves rows 4 to 7. So two 4 × 4 blocks are transposed at once, and each
    // resulting register holds the same element of all 8 rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackEightRows(ref float source, nint stride, int length, int width, ref float destination)
    {
        ref float row1 = ref Unsafe.Add(ref source, stride), row2 = ref Unsafe.Add(ref row1, stride), row3 = ref Unsafe.Add(ref row2, stride);
        nint upper = 4 * stride;
        int i = 0;
        for (; i <= length - 4; i += 4)
        {
            Vector256<float> a = Halves(ref Unsafe.Add(ref source, i), upper), b = Halves(ref Unsafe.Add(ref row1, i), upper);
            Vector256<float> c = Halves(ref Unsafe.Add(ref row2, i), upper), d = Halves(ref Unsafe.Add(ref row3, i), upper);
            Vector256<float> abLow = Avx.UnpackLow(a, b), abHigh = Avx.UnpackHigh(a, b), cdLow = Avx.UnpackLow(c, d), cdHigh = Avx.UnpackHigh(c, d);
            ref float first = ref Unsafe.Add(ref destination, i * width);
            Avx.Shuffle(abLow, cdLow, 0x44).StoreUnsafe(ref first);
            Avx.Shuffle(abLow, cdLow, 0xEE).StoreUnsafe(ref first, (nuint)width);
            Avx.Shuffle(abHigh, cdHigh, 0x44).StoreUnsafe(ref first, (nuint)(2 * width));
            Avx.Shuffle(abHigh, cdHigh, 0xEE).StoreUnsafe(ref first, (nuint)(3 * width));
        }

        for (; i < length; i++)
        {
            for (int row = 0; row < 8; row++)
            {
                Unsafe.Add(ref destination, i * width + row) = Unsafe.Add(ref source, row * stride + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(ref float source, nint upper)
        => Vector256.Create(Vector128.LoadUnsafe(ref source), Vector128.LoadUnsafe(ref Unsafe.Add(ref source, upper)));

    private static void PackFourRows(ref float source, nint stride, int length, int width, ref float destination)
    {
        ref float row1 = ref Unsafe.Add(ref source, stride), row2 = ref Unsafe.Add(ref row1, stride), row3 = ref Unsafe.Add(ref row2, stride);
        int i = 0;
        if (Sse.IsSupported)
        {
            for (; i <= length - 4; i += 4)
            {
                // A 4 × 4 block is transposed: first pairs of rows are interleaved, then halves of registers are exchanged.
                Vector128<float> a = Vector128.LoadUnsafe(ref source, (nuint)i), b = Vector128.LoadUnsafe(ref row1, (nuint)i);
                Vector128<float> c = Vector128.LoadUnsafe(ref row2, (nuint)i), d = Vector128.LoadUnsafe(ref row3, (nuint)i);
                Vector128<float> abLow = Sse.UnpackLow(a, b), abHigh = Sse.UnpackHigh(a, b), cdLow = Sse.UnpackLow(c, d), cdHigh = Sse.UnpackHigh(c, d);
                ref float first = ref Unsafe.Add(ref destination, i * width);
                Sse.MoveLowToHigh(abLow, cdLow).StoreUnsafe(ref first);
                Sse.MoveHighToLow(cdLow, abLow).StoreUnsafe(ref first, (nuint)width);
                Sse.MoveLowToHigh(abHigh, cdHigh).StoreUnsafe(ref first, (nuint)(2 * width));
                Sse.MoveHighToLow(cdHigh, abHigh).StoreUnsafe(ref first, (nuint)(3 * width));
            }
        }

        for (; i < length; i++)
        {
            Vector128.Create(Unsafe.Add(ref source, i), Unsafe.Add(ref row1, i), Unsafe.Add(ref row2, i), Unsafe.Add(ref row3, i))
                .StoreUnsafe(ref destination, (nuint)(i * width));
        }
    }
}
