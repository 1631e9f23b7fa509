using System.Diagnostics;

namespace Llama2.Kernels;

/// <summary>
/// An instruction-set tier: the arithmetic of one register width, without loops. A <typeparamref name="V"/> is a register of <see cref="Lanes"/>
/// lanes of 32 bits. A lane belongs to one row of a panel; depending on the operation, it is read as four codes, an integer or a float.
/// </summary>
/// <remarks>
/// The JIT stops inlining when a method has 512 local variables, including those of branches that constants rule out. Operations therefore take a
/// reference and a constant index instead of a reference to the element, because an argument that is an expression costs a variable. For the same
/// reason, a type selects an operation by calling the method for it, not by testing a constant.
/// </remarks>
/// <typeparam name="V">The register type, such as <c>Vector512&lt;byte&gt;</c>.</typeparam>
internal interface ITier<V>
    where V : struct
{
    /// <summary>Whether this process may execute the tier's instructions.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>The number of rows that are computed at once: 4, 8 or 16.</summary>
    static abstract int Lanes { get; }

    /// <summary>
    /// The number of tokens that are multiplied with quantized weights at once, 4 or 8, whichever was faster with the tier's number of registers.
    /// </summary>
    static abstract int TileTokenCount { get; }

    /// <summary>The number of tokens that are multiplied with unquantized weights at once; the kernel of these weights keeps two sums for each token.</summary>
    static abstract int FloatTileTokenCount { get; }

    /// <summary>
    /// Whether codes of 8 bits are multiplied with <see cref="ActivationTile.SplitValues"/>. That is the case if the tier's multiply instruction adds
    /// pairs of products in 16 bits, which are too few for the products of 8-bit codes and whole activations.
    /// </summary>
    static abstract bool SplitsActivations { get; }

    /// <summary>
    /// The number of bits from which codes are multiplied with many tokens by a separate kernel, <see cref="MultiplyBytes"/>, that is faster for them
    /// than <see cref="PanelKernel{TCodes, TScales, TTier, V}"/>.
    /// </summary>
    static virtual int ByteKernelBits => int.MaxValue;

    /// <summary>The number of panels that <see cref="MultiplyBytes"/> multiplies at once: 1 or 3.</summary>
    static virtual int ByteKernelPanelCount => 1;

    /// <summary>With more tokens than this, it pays to widen codes to bytes for <see cref="MultiplyBytes"/>.</summary>
    static virtual int MinimumWideningTokenCount => int.MaxValue;

    /// <summary>Calls <see cref="BytePanelKernel{TScales, TTier, V}"/>.</summary>
    static virtual void MultiplyBytes<TScales>(in BytePanels panels, in ActivationTile x, ref int corrections, int tokenCount, ref float sums)
        where TScales : struct, IScales
        => throw new UnreachableException();

    // Operations on codes: every byte is one code.
    static abstract V Load(ref readonly byte source);

    static abstract V And(V value, byte mask);

    static abstract V Or(V left, V right);

    /// <summary>Shifts 16-bit elements by a constant, so bits move from one byte to its neighbour, and must be masked afterwards.</summary>
    static abstract V ShiftRight(V value, int count);

    /// <summary>Shifts 16-bit elements by a constant, so bits move from one byte to its neighbour, and must be masked afterwards.</summary>
    static abstract V ShiftLeft(V value, int count);

    /// <summary>Replaces each byte, 0–15, by the entry of a table of 16 bytes, of which there are four copies, one after the other.</summary>
    static abstract V Lookup(V indexes, ref readonly byte tables);

    // Integer dot products of unsigned codes and signed activations.

    /// <summary>For each lane, the sum of its 16 products of codes below 2⁵ and the 16 activations that begin at index <paramref name="start"/>.</summary>
    static abstract V Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start);

    /// <summary>Like <see cref="Dot16Bits5"/>, for codes below 2⁶.</summary>
    static abstract V Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start);

    /// <summary>Like <see cref="Dot16Bits5"/>, for codes below 2⁸, and with split activations if <see cref="SplitsActivations"/> is true.</summary>
    static abstract V Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start);

    /// <summary>For each lane, the sum of its 32 products of codes below 2⁴ and the 32 activations that begin at index <paramref name="start"/>.</summary>
    static abstract V Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start);

    /// <summary>Like <see cref="Dot32Bits4"/>, for codes below 2⁸, and with split activations if <see cref="SplitsActivations"/> is true.</summary>
    static abstract V Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start);

    static abstract V AddIntegers(V left, V right);

    /// <summary>Adds to each integer lane of <paramref name="sums"/> the two products of the lane's signed 16-bit elements; the sums must fit in 32 bits.</summary>
    static abstract V MultiplyAddPairs(V left, V right, V sums);

    /// <summary>Adds <c>addends[index]</c> to each integer lane.</summary>
    static abstract V AddIntegers(V integers, ref int addends, int index);

    /// <summary>Copies one integer to every lane.</summary>
    static abstract V Broadcast(ref int source, int index);

    // Operations on floats: every lane is one float.
    static abstract V ToFloat(V integers);

    static abstract V LoadFloats(ref readonly byte source);

    /// <summary>Widens one IEEE half for each lane, exactly. Infinities and NaN do not occur, because packing refuses them.</summary>
    static abstract V LoadHalves(ref readonly byte source);

    static abstract V LoadBFloats(ref readonly byte source);

    static abstract V LoadSignedBytesAsFloats(ref readonly byte source);

    static abstract V LoadBytesAsFloats(ref readonly byte source);

    static abstract V Multiply(V left, V right);

    /// <summary><c>left · factors[index]</c>.</summary>
    static abstract V Multiply(V left, ref float factors, int index);

    /// <summary>Copies one element to every lane.</summary>
    static abstract V Broadcast(ref float source, int index);

    /// <summary><c>left · right + addend</c>, rounded once.</summary>
    static abstract V MultiplyAdd(V left, V right, V addend);

    /// <summary><c>left · factors[index] + addend</c>, rounded once.</summary>
    static abstract V MultiplyAdd(V left, ref float factors, int index, V addend);

    /// <summary><c>addend − left · factors[index]</c>, rounded once.</summary>
    static abstract V MultiplySubtract(V left, ref float factors, int index, V addend);

    static abstract V AddFloats(V left, V right);

    /// <summary><c>left − subtrahends[index]</c>.</summary>
    static abstract V Subtract(V left, ref float subtrahends, int index);

    static abstract void Store(V floats, ref float destination);

    /// <summary>Prefetches the cache line at <paramref name="address"/>, which need not be readable, into the first-level cache.</summary>
    static abstract void PrefetchNear(ref readonly byte address);

    /// <summary>
    /// Prefetches the cache line at <paramref name="address"/>, which need not be readable, into the second-level cache. Used for lines that are
    /// needed so much later that the first-level cache would evict them before their use.
    /// </summary>
    static abstract void PrefetchFar(ref readonly byte address);
}
