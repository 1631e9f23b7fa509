using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// The matrix kernel: rows of one panel times the quantized activations of one tile of tokens. It contains the loops; the layout of codes and scales
/// comes from <typeparamref name="TCodes"/> and <typeparamref name="TScales"/>, and the arithmetic from <typeparamref name="TTier"/>. A row's blocks
/// are added in column order whatever the tile's width, so a token's result does not depend on its neighbours.
/// </summary>
internal static class PanelKernel<TCodes, TScales, TTier, V>
    where TCodes : struct, ICodes
    where TScales : struct, IScales
    where TTier : struct, ITier<V>
    where V : struct
{
    // The distances in bytes at which codes and scales are prefetched: 32 blocks ahead if codes have 4 bits and scales have 16 bits.
    private const int PrefetchDistance = 8192;
    private const int ScalesPrefetchDistance = 1024;

    // With a single token, where the kernel waits for memory, codes are prefetched a second time, this many bytes ahead, into the first-level cache.
    // They come from the second-level cache, or from memory if the first prefetch has not ended yet.
    private const int NearDistance = 2048;

    /// <summary>Whether the kernel reads <see cref="ActivationTile.SplitValues"/>.</summary>
    public static bool ReadsSplitValues
    {
        // Inlined, because a call in the loop would save and restore all sums for each block.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCodes.Bits == 8 && TTier.SplitsActivations;
    }

    /// <summary>Writes or adds the products of <see cref="ITier{V}.Lanes"/> rows, the first of which is <paramref name="firstRow"/>.</summary>
    /// <param name="codes">The panel's codes.</param>
    /// <param name="scales">The panel's scales.</param>
    /// <param name="x">The tile's activations, starting with those of the first token whose results are computed.</param>
    /// <param name="superBlockCount">The number of super-blocks in a row.</param>
    /// <param name="firstRow">The first row of the panel to multiply.</param>
    /// <param name="tokenCount">The number of tokens whose results are computed, at most the tile's width.</param>
    /// <param name="output">Where the results go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TTile>(
        ref byte codes, ref byte scales, in ActivationTile x, int superBlockCount, int firstRow, int tokenCount, PanelOutput output)
        where TTile : struct, ITileWidth
    {
        codes = ref Unsafe.Add(ref codes, 4 * firstRow);
        ref sbyte values = ref ReadsSplitValues ? ref x.SplitValues : ref x.Values;
        ref float factors = ref x.Factors<TScales>();
        ref int corrections = ref x.Corrections<TCodes, TScales>();
        ref float scaledSums = ref TScales.GroupsPerBlock == 1 ? ref x.ScaledSums : ref x.ScaledHalfSums;
        V sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default, sum6 = default, sum7 = default;
        for (; superBlockCount > 0; superBlockCount--)
        {
            V headerScale = TScales.HeaderScale<TTier, V>(in scales, firstRow);
            V headerOffset = TScales.HeaderOffset<TTier, V>(in scales, firstRow);
            scales = ref Unsafe.Add(ref scales, TScales.HeaderByteSize);
            for (int block = 0; block < TScales.BlocksPerSuperBlock; block++)
            {
                // Weights are prefetched for wide tiles too, because a batch of eight tokens reads each weight from memory once, like a batch of one.
                // With 8 sessions of a model of 1.1 billion weights in Q4_0, this reduced the time of a pass from 55 to 48 ms.
                for (int line = 0; line < TCodes.BlockByteSize; line += 64)
                {
                    TTier.PrefetchFar(in Unsafe.Add(ref codes, PrefetchDistance + line));
                    if (typeof(TTile) == typeof(OneToken))
                    {
                        TTier.PrefetchNear(in Unsafe.Add(ref codes, NearDistance + line));
                    }
                }

                TTier.PrefetchFar(in Unsafe.Add(ref scales, ScalesPrefetchDistance));
                V c0 = TCodes.Load<TTier, V>(in codes, 0), c1 = TCodes.Load<TTier, V>(in codes, 1);
                V c2 = TCodes.Load<TTier, V>(in codes, 2), c3 = TCodes.Load<TTier, V>(in codes, 3);
                V c4 = TCodes.Load<TTier, V>(in codes, 4), c5 = TCodes.Load<TTier, V>(in codes, 5);
                V c6 = TCodes.Load<TTier, V>(in codes, 6), c7 = TCodes.Load<TTier, V>(in codes, 7);
                V scale0 = TScales.Scale<TTier, V>(headerScale, in scales, 0, firstRow), scale1 = TScales.Scale<TTier, V>(headerScale, in scales, 1, firstRow);
                V offset0 = TScales.Offset<TTier, V>(headerOffset, in scales, 0, firstRow), offset1 = TScales.Offset<TTier, V>(headerOffset, in scales, 1, firstRow);
                sum0 = TScales.Add<TCodes, TTier, V>(sum0, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref corrections, ref scaledSums, 0);
                if (typeof(TTile) != typeof(OneToken))
                {
                    sum1 = TScales.Add<TCodes, TTier, V>(sum1, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref corrections, ref scaledSums, 1);
                    sum2 = TScales.Add<TCodes, TTier, V>(sum2, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref corrections, ref scaledSums, 2);
                    sum3 = TScales.Add<TCodes, TTier, V>(sum3, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref corrections, ref scaledSums, 3);
                }

                if (typeof(TTile) == typeof(EightTokens))
                {
                    sum4 = TScales.Add<TCodes, TTier, V>(sum4, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref corrections, ref scaledSums, 4);
                    sum5 = TScales.Add<TCodes, TTier, V>(sum5, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref corrections, ref scaledSums, 5);
                    sum6 = TScales.Add<TCodes, TTier, V>(sum6, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref corrections, ref scaledSums, 6);
                    sum7 = TScales.Add<TCodes, TTier, V>(sum7, c0, c1, c2, c3, c4, c5, c6, c7, scale0, offset0, scale1, offset1, ref values, ref factors, ref corrections, ref scaledSums, 7);
                }

                codes = ref Unsafe.Add(ref codes, TCodes.BlockByteSize);
                scales = ref Unsafe.Add(ref scales, TScales.BlockByteSize);
                values = ref Unsafe.Add(ref values, (ReadsSplitValues ? 2 : 1) * 32 * ActivationTile.Width);
                factors = ref Unsafe.Add(ref factors, ActivationTile.Width);
                corrections = ref Unsafe.Add(ref corrections, TScales.GroupsPerBlock * ActivationTile.Width);
                scaledSums = ref Unsafe.Add(ref scaledSums, TScales.GroupsPerBlock * ActivationTile.Width);
            }
        }

        output.Write<TTier, V>(sum0, 0);
        if (typeof(TTile) != typeof(OneToken))
        {
            output.WriteIf<TTier, V>(sum1, 1, tokenCount);
            output.WriteIf<TTier, V>(sum2, 2, tokenCount);
            output.WriteIf<TTier, V>(sum3, 3, tokenCount);
        }

        if (typeof(TTile) == typeof(EightTokens))
        {
            output.WriteIf<TTier, V>(sum4, 4, tokenCount);
            output.WriteIf<TTier, V>(sum5, 5, tokenCount);
            output.WriteIf<TTier, V>(sum6, 6, tokenCount);
            output.WriteIf<TTier, V>(sum7, 7, tokenCount);
        }
    }
}
