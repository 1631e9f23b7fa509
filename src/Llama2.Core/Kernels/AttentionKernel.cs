using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// The products of attention: panels of keys times queries, or panels of values times exponentials. Two vectors of the panels and a tile of rows are
/// multiplied at once. A query or exponential is therefore loaded once for two multiply-adds, and the sums of a tile, which need as many registers as there
/// are products, hide the latency of the multiply-adds. Each sum is one chain in the order of the columns, whatever the number of rows and vectors.
/// </summary>
internal static class AttentionKernel<TNumbers, TLayout, TTier, V>
    where TNumbers : struct, IAttentionNumbers
    where TLayout : struct, IActivationLayout
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int PanelRowCount = 16;

    /// <summary>Multiplies neighbouring panels.</summary>
    /// <param name="numbers">The first panel, from the first column on.</param>
    /// <param name="panelStride">The distance in bytes from one panel to the next.</param>
    /// <param name="panelCount">The number of panels.</param>
    /// <param name="x">The queries or exponentials of the tile, from the first column on.</param>
    /// <param name="columnCount">The number of columns: elements of a head for keys, positions for values; in I16, pairs of them.</param>
    /// <param name="rowCount">The number of rows in the tile, at most <see cref="ActivationTile.Width"/>.</param>
    /// <param name="output">The first row's results.</param>
    /// <param name="prefetchDistance">The distance in bytes from a number to the address that is prefetched; 0 prefetches nothing.</param>
    public static void MultiplyPanels(
        ref byte numbers, nint panelStride, int panelCount, ref float x, int columnCount, int rowCount, AttentionOutput output, nint prefetchDistance)
    {
        for (int row = 0; row < rowCount; row += TTier.FloatTileTokenCount)
        {
            int count = Math.Min(TTier.FloatTileTokenCount, rowCount - row);
            ref float first = ref Unsafe.Add(ref x, row * TLayout.TokenStride);
            AttentionOutput rows = output.FromRow(row);
            if (count == 1)
            {
                MultiplyPanels<OneToken>(ref numbers, panelStride, panelCount, ref first, columnCount, count, rows, prefetchDistance);
            }
            else if (TTier.FloatTileTokenCount == FourTokens.TokenCount || count <= FourTokens.TokenCount)
            {
                MultiplyPanels<FourTokens>(ref numbers, panelStride, panelCount, ref first, columnCount, count, rows, prefetchDistance);
            }
            else
            {
                MultiplyPanels<EightTokens>(ref numbers, panelStride, panelCount, ref first, columnCount, count, rows, prefetchDistance);
            }
        }
    }

    private static void MultiplyPanels<TTile>(
        ref byte numbers, nint panelStride, int panelCount, ref float x, int columnCount, int rowCount, AttentionOutput output, nint prefetchDistance)
        where TTile : struct, ITileWidth
    {
        if (TTier.Lanes == PanelRowCount)
        {
            int panel = 0;
            for (; panel + TwoVectors.VectorCount <= panelCount; panel += TwoVectors.VectorCount)
            {
                Multiply<TTile, TwoVectors>(ref Unsafe.Add(ref numbers, panel * panelStride), panelStride, ref x, columnCount, rowCount, output.FromColumn(panel * PanelRowCount), prefetchDistance);
            }

            if (panel < panelCount)
            {
                Multiply<TTile, OneVector>(ref Unsafe.Add(ref numbers, panel * panelStride), panelStride, ref x, columnCount, rowCount, output.FromColumn(panel * PanelRowCount), prefetchDistance);
            }

            return;
        }

        for (int panel = 0; panel < panelCount; panel++)
        {
            for (int lane = 0; lane < PanelRowCount; lane += TwoVectors.VectorCount * TTier.Lanes)
            {
                Multiply<TTile, TwoVectors>(
                    ref Unsafe.Add(ref numbers, panel * panelStride + lane * TNumbers.ByteSize), TTier.Lanes * TNumbers.ByteSize, ref x, columnCount, rowCount,
                    output.FromColumn(panel * PanelRowCount + lane), prefetchDistance);
            }
        }
    }

    // The second vector is vectorStride bytes after the first. Both vectors have one row of the output for each row of the tile, and the second one's results
    // are after the first one's.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TTile, TVectors>(
        ref byte numbers, nint vectorStride, ref float x, int columnCount, int rowCount, AttentionOutput output, nint prefetchDistance)
        where TTile : struct, ITileWidth
        where TVectors : struct, IVectorCount
    {
        V a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        V b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
        for (; columnCount > 0; columnCount--)
        {
            V a = TNumbers.Load<TTier, V>(in numbers);
            V b = typeof(TVectors) == typeof(TwoVectors) ? TNumbers.Load<TTier, V>(in Unsafe.Add(ref numbers, vectorStride)) : default;
            if (prefetchDistance != 0)
            {
                TTier.PrefetchFar(in Unsafe.Add(ref numbers, prefetchDistance));
                if (typeof(TVectors) == typeof(TwoVectors) && TTier.Lanes == PanelRowCount)
                {
                    TTier.PrefetchFar(in Unsafe.Add(ref numbers, vectorStride + prefetchDistance));
                }
            }

            V factor = TTier.Broadcast(ref x, 0);
            a0 = TNumbers.MultiplyAdd<TTier, V>(a, factor, a0);
            b0 = TNumbers.MultiplyAdd<TTier, V>(b, factor, b0);
            if (typeof(TTile) != typeof(OneToken))
            {
                factor = TTier.Broadcast(ref x, TLayout.TokenStride);
                a1 = TNumbers.MultiplyAdd<TTier, V>(a, factor, a1);
                b1 = TNumbers.MultiplyAdd<TTier, V>(b, factor, b1);
                factor = TTier.Broadcast(ref x, 2 * TLayout.TokenStride);
                a2 = TNumbers.MultiplyAdd<TTier, V>(a, factor, a2);
                b2 = TNumbers.MultiplyAdd<TTier, V>(b, factor, b2);
                factor = TTier.Broadcast(ref x, 3 * TLayout.TokenStride);
                a3 = TNumbers.MultiplyAdd<TTier, V>(a, factor, a3);
                b3 = TNumbers.MultiplyAdd<TTier, V>(b, factor, b3);
            }

            if (typeof(TTile) == typeof(EightTokens))
            {
                factor = TTier.Broadcast(ref x, 4 * TLayout.TokenStride);
                a4 = TNumbers.MultiplyAdd<TTier, V>(a, factor, a4);
                b4 = TNumbers.MultiplyAdd<TTier, V>(b, factor, b4);
                factor = TTier.Broadcast(ref x, 5 * TLayout.TokenStride);
                a5 = TNumbers.MultiplyAdd<TTier, V>(a, factor, a5);
                b5 = TNumbers.MultiplyAdd<TTier, V>(b, factor, b5);
                factor = TTier.Broadcast(ref x, 6 * TLayout.TokenStride);
                a6 = TNumbers.MultiplyAdd<TTier, V>(a, factor, a6);
                b6 = TNumbers.MultiplyAdd<TTier, V>(b, factor, b6);
                factor = TTier.Broadcast(ref x, 7 * TLayout.TokenStride);
                a7 = TNumbers.MultiplyAdd<TTier, V>(a, factor, a7);
                b7 = TNumbers.MultiplyAdd<TTier, V>(b, factor, b7);
            }

            numbers = ref Unsafe.Add(ref numbers, PanelRowCount * TNumbers.ByteSize);
            x = ref Unsafe.Add(ref x, TLayout.ColumnStride);
        }

        Write<TVectors>(output, a0, b0, 0, rowCount);
        if (typeof(TTile) != typeof(OneToken))
        {
            Write<TVectors>(output, a1, b1, 1, rowCount);
            Write<TVectors>(output, a2, b2, 2, rowCount);
            Write<TVectors>(output, a3, b3, 3, rowCount);
        }

        if (typeof(TTile) == typeof(EightTokens))
        {
            Write<TVectors>(output, a4, b4, 4, rowCount);
            Write<TVectors>(output, a5, b5, 5, rowCount);
            Write<TVectors>(output, a6, b6, 6, rowCount);
            Write<TVectors>(output, a7, b7, 7, rowCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TVectors>(AttentionOutput output, V a, V b, int row, int rowCount)
        where TVectors : struct, IVectorCount
    {
        if (row < rowCount)
        {
            output.Write<TNumbers, TLayout, TTier, V>(a, row, 0);
            if (typeof(TVectors) == typeof(TwoVectors))
            {
                output.Write<TNumbers, TLayout, TTier, V>(b, row, TTier.Lanes);
            }
        }
    }
}
