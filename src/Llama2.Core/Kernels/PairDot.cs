using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// Computes dot products from 16-bit sums of two products each (pair sums). Adds as many pair sums in 16 bits as the codes' width allows, then widens
/// the result to 32 bits.
/// </summary>
internal static class PairDot
{
    /// <summary>Four pair sums of 5-bit codes: 4 · 2 · 31 · 127 = 31,496 &lt; 32,768.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits5<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, IPairTier<V>
        where V : struct
        => TTier.FoldPairs(Four<TTier, V>(c0, c1, c2, c3, ref x, start));

    /// <summary>Two pair sums of 6-bit codes: 2 · 2 · 63 · 127 = 32,004 &lt; 32,768.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits6<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, IPairTier<V>
        where V : struct
        => TTier.AddIntegers(
            TTier.FoldPairs(TTier.AddShorts(TTier.MultiplyPairs(c0, ref x, start), TTier.MultiplyPairs(c1, ref x, start + 4))),
            TTier.FoldPairs(TTier.AddShorts(TTier.MultiplyPairs(c2, ref x, start + 8), TTier.MultiplyPairs(c3, ref x, start + 12))));

    /// <summary>Four pair sums of 8-bit codes and parts of split activations: 4 · 2 · 255 · 8 = 16,320 &lt; 32,768.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits8<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, IPairTier<V>
        where V : struct
        => TTier.AddIntegers(
            TTier.MultiplyBy16(TTier.FoldPairs(Four<TTier, V>(c0, c1, c2, c3, ref x, start))),
            TTier.FoldPairs(Four<TTier, V>(c0, c1, c2, c3, ref x, start + ActivationTile.SplitDistance)));

    /// <summary>Eight pair sums of 4-bit codes: 8 · 2 · 15 · 127 = 30,480 &lt; 32,768.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits4<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, IPairTier<V>
        where V : struct
        => TTier.FoldPairs(TTier.AddShorts(Four<TTier, V>(c0, c1, c2, c3, ref x, start), Four<TTier, V>(c4, c5, c6, c7, ref x, start + 16)));

    /// <summary>Eight pair sums of 8-bit codes and parts of split activations: 8 · 2 · 255 · 8 = 32,640 &lt; 32,768.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits8<TTier, V>(V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7, ref sbyte x, int start)
        where TTier : struct, IPairTier<V>
        where V : struct
        => TTier.AddIntegers(
            TTier.MultiplyBy16(Dot32Bits4<TTier, V>(c0, c1, c2, c3, c4, c5, c6, c7, ref x, start)),
            Dot32Bits4<TTier, V>(c0, c1, c2, c3, c4, c5, c6, c7, ref x, start + ActivationTile.SplitDistance));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Four<TTier, V>(V c0, V c1, V c2, V c3, ref sbyte x, int start)
        where TTier : struct, IPairTier<V>
        where V : struct
        => TTier.AddShorts(
            TTier.AddShorts(TTier.MultiplyPairs(c0, ref x, start), TTier.MultiplyPairs(c1, ref x, start + 4)),
            TTier.AddShorts(TTier.MultiplyPairs(c2, ref x, start + 8), TTier.MultiplyPairs(c3, ref x, start + 12)));
}
