using System.Runtime.CompilerServices;

namespace Llama2.Kernels;

/// <summary>
/// A tier whose multiply instruction adds four products of unsigned codes and signed activations to a sum of 32 bits (x86's <c>vpdpbusd</c>). Codes of
/// any width are therefore multiplied in the same way. The products of a block are summed in two chains, because in a single chain each addition would
/// wait for the result of the one before.
/// </summary>
/// <typeparam name="TSelf">The tier itself.</typeparam>
/// <typeparam name="V">The register type.</typeparam>
internal interface IByteTier<TSelf, V> : ITier<V>
    where TSelf : struct, IByteTier<TSelf, V>
    where V : struct
{
    static bool ITier<V>.SplitsActivations => false;

    /// <summary>Copies a float to every lane.</summary>
    static abstract V Create(float value);

    /// <summary>Copies the four activations that begin at <paramref name="start"/> to every lane.</summary>
    static abstract V LoadFour(ref sbyte activations, int start);

    /// <summary>Adds to each integer lane of <paramref name="sums"/> its four products of a code and an activation.</summary>
    static abstract V AddProducts(V sums, V codes, V activations);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ITier<V>.MultiplyBytes<TScales>(in BytePanels panels, in ActivationTile x, ref int corrections, int tokenCount, ref float sums)
        => BytePanelKernel<TScales, TSelf, V>.Multiply(in panels, in x, ref corrections, tokenCount, ref sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => Eight(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => Eight(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Eight(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => TSelf.AddIntegers(Four(codes0, codes1, codes2, codes3, ref activations, start), Four(codes4, codes5, codes6, codes7, ref activations, start + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Four(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
    {
        V sum = TSelf.AddProducts(default, codes0, TSelf.LoadFour(ref activations, start));
        sum = TSelf.AddProducts(sum, codes1, TSelf.LoadFour(ref activations, start + 4));
        sum = TSelf.AddProducts(sum, codes2, TSelf.LoadFour(ref activations, start + 8));
        return TSelf.AddProducts(sum, codes3, TSelf.LoadFour(ref activations, start + 12));
    }
}
