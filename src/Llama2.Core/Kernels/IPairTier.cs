namespace Llama2.Kernels;

/// <summary>
/// A tier whose integer multiply instruction leaves sums of two products in 16 bits (x86's <c>vpmaddubsw</c>); <see cref="PairDot"/> combines them
/// into whole dot products without overflow.
/// </summary>
internal interface IPairTier<V> : ITier<V>
    where V : struct
{
    /// <summary>
    /// Returns the 16-bit elements code₂ᵢ·x₂ᵢ + code₂ᵢ₊₁·x₂ᵢ₊₁. Every lane is multiplied by the same four activations, which begin at
    /// <paramref name="start"/>. Each sum must fit in 16 bits.
    /// </summary>
    static abstract V MultiplyPairs(V codes, ref sbyte activations, int start);

    static abstract V AddShorts(V left, V right);

    /// <summary>For each integer lane, the sum of its two 16-bit elements.</summary>
    static abstract V FoldPairs(V shorts);

    /// <summary>Each integer lane times 16.</summary>
    static abstract V MultiplyBy16(V integers);
}
