using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// The matrix kernel for unquantized weights: rows of one panel times the float32 activations of one tile of tokens. Even and odd columns are summed
/// separately, and the two sums are added at the end. With a single token, these two chains of multiply-adds hide each other's latency. The
/// kernels of other widths do the same, so that they give the same results.
/// </summary>
internal static class FloatPanelKernel<TWeights, TTier, V>
    where TWeights : struct, IFloatWeights
    where TTier : struct, ITier<V>
    where V : struct
{
    private const int PanelRowCount = 16;

    // The weights are read sequentially, and are prefetched this many bytes ahead.
    private const int PrefetchDistance = 8192;

    // With a single token, weights are prefetched a second time, this many bytes ahead, into the first-level cache. They come from the second-level
    // cache, or from memory if the first prefetch has not ended yet.
    private const int NearDistance = 2048;

    /// <summary>Writes or adds the products of all 16 rows of a panel.</summary>
    /// <param name="weights">The panel's weights.</param>
    /// <param name="x">The tile's activations, starting with column 0 of the first token.</param>
    /// <param name="columnPairCount">Half the number of columns; if their number is odd, a column of zeros is added to make it even.</param>
    /// <param name="tokenCount">The number of tokens in the tile, at most <see cref="ActivationTile.Width"/>.</param>
    /// <param name="output">The first token's result for row 0.</param>
    /// <param name="outputStride">The distance in floats from one token's results to the next token's.</param>
    /// <param name="accumulate">Whether to add to the output instead of replacing it.</param>
    public static void MultiplyPanel(ref byte weights, ref float x, int columnPairCount, int tokenCount, ref float output, nint outputStride, bool accumulate)
    {
        for (int token = 0; token < tokenCount; token += TTier.FloatTileTokenCount)
        {
            int count = Math.Min(TTier.FloatTileTokenCount, tokenCount - token);
            ref float first = ref Unsafe.Add(ref x, token);
            for (int row = 0; row < PanelRowCount; row += TTier.Lanes)
            {
                MultiplyTile(ref weights, ref first, columnPairCount, row, count, new(ref Unsafe.Add(ref output, token * outputStride + row), outputStride, accumulate));
            }
        }
    }

    private static void MultiplyTile(ref byte weights, ref float x, int columnPairCount, int firstRow, int tokenCount, PanelOutput output)
    {
        if (tokenCount == 1)
        {
            Multiply<OneToken>(ref weights, ref x, columnPairCount, firstRow, tokenCount, output);
        }
        else if (TTier.FloatTileTokenCount == FourTokens.TokenCount || tokenCount <= FourTokens.TokenCount)
        {
            Multiply<FourTokens>(ref weights, ref x, columnPairCount, firstRow, tokenCount, output);
        }
        else
        {
            Multiply<EightTokens>(ref weights, ref x, columnPairCount, firstRow, tokenCount, output);
        }
    }

    // Writes or adds the products of as many rows as the tier has lanes. With 32-bit weights and several tokens nothing is prefetched, because these weights are
    // mostly widened ones that are already in the cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TTile>(ref byte weights, ref float x, int columnPairCount, int firstRow, int tokenCount, PanelOutput output)
        where TTile : struct, ITileWidth
    {
        weights = ref Unsafe.Add(ref weights, TWeights.ByteSize * firstRow);
        V even0 = default, even1 = default, even2 = default, even3 = default, even4 = default, even5 = default, even6 = default, even7 = default;
        V odd0 = default, odd1 = default, odd2 = default, odd3 = default, odd4 = default, odd5 = default, odd6 = default, odd7 = default;
        for (; columnPairCount > 0; columnPairCount--)
        {
            if (typeof(TTile) == typeof(OneToken) || TWeights.ByteSize < 4)
            {
                TTier.PrefetchFar(in Unsafe.Add(ref weights, PrefetchDistance));
                if (TWeights.ByteSize == 4)
                {
                    TTier.PrefetchFar(in Unsafe.Add(ref weights, PrefetchDistance + 64));
                }
            }

            if (typeof(TTile) == typeof(OneToken))
            {
                TTier.PrefetchNear(in Unsafe.Add(ref weights, NearDistance));
                if (TWeights.ByteSize == 4)
                {
                    TTier.PrefetchNear(in Unsafe.Add(ref weights, NearDistance + 64));
                }
            }

            V even = TWeights.Load<TTier, V>(in weights);
            V odd = TWeights.Load<TTier, V>(in Unsafe.Add(ref weights, 16 * TWeights.ByteSize));
            even0 = TTier.MultiplyAdd(even, ref x, 0, even0);
            odd0 = TTier.MultiplyAdd(odd, ref x, ActivationTile.Width, odd0);
            if (typeof(TTile) != typeof(OneToken))
            {
                even1 = TTier.MultiplyAdd(even, ref x, 1, even1);
                odd1 = TTier.MultiplyAdd(odd, ref x, ActivationTile.Width + 1, odd1);
                even2 = TTier.MultiplyAdd(even, ref x, 2, even2);
                odd2 = TTier.MultiplyAdd(odd, ref x, ActivationTile.Width + 2, odd2);
                even3 = TTier.MultiplyAdd(even, ref x, 3, even3);
                odd3 = TTier.MultiplyAdd(odd, ref x, ActivationTile.Width + 3, odd3);
            }

            if (typeof(TTile) == typeof(EightTokens))
            {
                even4 = TTier.MultiplyAdd(even, ref x, 4, even4);
                odd4 = TTier.MultiplyAdd(odd, ref x, ActivationTile.Width + 4, odd4);
                even5 = TTier.MultiplyAdd(even, ref x, 5, even5);
                odd5 = TTier.MultiplyAdd(odd, ref x, ActivationTile.Width + 5, odd5);
                even6 = TTier.MultiplyAdd(even, ref x, 6, even6);
                odd6 = TTier.MultiplyAdd(odd, ref x, ActivationTile.Width + 6, odd6);
                even7 = TTier.MultiplyAdd(even, ref x, 7, even7);
                odd7 = TTier.MultiplyAdd(odd, ref x, ActivationTile.Width + 7, odd7);
            }

            weights = ref Unsafe.Add(ref weights, 2 * 16 * TWeights.ByteSize);
            x = ref Unsafe.Add(ref x, 2 * ActivationTile.Width);
        }

        output.Write<TTier, V>(TTier.AddFloats(even0, odd0), 0);
        if (typeof(TTile) != typeof(OneToken))
        {
            output.WriteIf<TTier, V>(TTier.AddFloats(even1, odd1), 1, tokenCount);
            output.WriteIf<TTier, V>(TTier.AddFloats(even2, odd2), 2, tokenCount);
            output.WriteIf<TTier, V>(TTier.AddFloats(even3, odd3), 3, tokenCount);
        }

        if (typeof(TTile) == typeof(EightTokens))
        {
            output.WriteIf<TTier, V>(TTier.AddFloats(even4, odd4), 4, tokenCount);
            output.WriteIf<TTier, V>(TTier.AddFloats(even5, odd5), 5, tokenCount);
            output.WriteIf<TTier, V>(TTier.AddFloats(even6, odd6), 6, tokenCount);
            output.WriteIf<TTier, V>(TTier.AddFloats(even7, odd7), 7, tokenCount);
        }
    }
}
