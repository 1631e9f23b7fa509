using System.Runtime.InteropServices;
using Llama2.Kernels;

namespace Llama2.Tests.Kernels;

public class RowInterleaverTests
{
    private const uint HalfExponent = 0x7c00, SingleExponent = 0x7f80_0000;

    [Fact]
    public void TryInterleave_TwoBytes_PutsEveryWeightInItsPlace() => PutsEveryWeightInItsPlace(HalfExponent, index => (ushort)(index % HalfExponent));

    [Fact]
    public void TryInterleave_FourBytes_PutsEveryWeightInItsPlace() => PutsEveryWeightInItsPlace(SingleExponent, index => (uint)index * 0x11_0011 & 0xbfff_ffff);

    [Theory]
    [InlineData(6, 21)]
    [InlineData(16, 132)]
    public void TryInterleave_OneWeightInfiniteOrNotANumber_IsFalseWhereverItIs(int rowCount, int columnCount)
    {
        // the most negative half: in its exponent only the lowest bit is 0
        ushort[] halves = [.. Enumerable.Repeat((ushort)0xfbff, rowCount * columnCount)];
        uint[] singles = [.. Enumerable.Repeat(0xff7f_ffffu, rowCount * columnCount)];
        byte[] panel = new byte[16 * columnCount * sizeof(uint)];
        TryInterleave(halves, HalfExponent).Should().BeTrue();
        TryInterleave(singles, SingleExponent).Should().BeTrue();
        for (int i = 0; i < halves.Length; i++)
        {
            (halves[i], singles[i]) = ((ushort)(i % 2 == 0 ? 0xfc00 : 0x7e00), i % 2 == 0 ? 0x7f80_0000u : 0xffc0_0000u);
            TryInterleave(halves, HalfExponent).Should().BeFalse("weight {0} is not finite", i);
            TryInterleave(singles, SingleExponent).Should().BeFalse("weight {0} is not finite", i);
            (halves[i], singles[i]) = (0, 0);
        }

        bool TryInterleave<T>(T[] rows, uint exponent)
            where T : unmanaged
            => RowInterleaver.TryInterleave(MemoryMarshal.AsBytes(rows.AsSpan()), rowCount, columnCount, Marshal.SizeOf<T>(), exponent, panel);
    }

    // Tests numbers of rows and columns around the steps of the loops, and around a part of 128 columns.
    private static void PutsEveryWeightInItsPlace<T>(uint exponent, Func<int, T> weight)
        where T : unmanaged
    {
        foreach (int rowCount in (int[])[1, 2, 3, 4, 5, 15, 16])
        {
            foreach (int columnCount in (int[])[1, 7, 8, 9, 127, 128, 129, 300])
            {
                T[] rows = [.. Enumerable.Range(1, rowCount * columnCount).Select(weight)];
                T[] panel = new T[16 * columnCount];

                RowInterleaver.TryInterleave(
                    MemoryMarshal.AsBytes(rows.AsSpan()), rowCount, columnCount, Marshal.SizeOf<T>(), exponent, MemoryMarshal.AsBytes(panel.AsSpan())).Should().BeTrue();

                T[] expected = [.. Enumerable.Range(0, panel.Length).Select(i => i % 16 < rowCount ? rows[i % 16 * columnCount + i / 16] : default)];
                panel.AsSpan().SequenceEqual(expected).Should().BeTrue("{0} rows of {1} columns", rowCount, columnCount);
            }
        }
    }
}
