namespace Llama2.Training.Tensors;

/// <summary>
/// One factor of a matrix product: the vectors whose dot products with the vectors of the other factor are the result. A factor packs its vectors in
/// the layout that the kernel reads: for each element, the values of <c>width</c> vectors side by side.
/// </summary>
internal abstract class Factor
{
    /// <summary>A packed part must start at a multiple of this number of vectors.</summary>
    public abstract int Alignment { get; }

    /// <summary>
    /// Packs a part of the elements of consecutive vectors, in groups of <paramref name="width"/> vectors: <c>[group][element][vector in the
    /// group]</c>. The vectors that are missing in the last group are filled with 0.
    /// </summary>
    /// <param name="start">The index of the first vector, a multiple of <see cref="Alignment"/>.</param>
    /// <param name="count">The number of vectors: a multiple of <see cref="Alignment"/>, or all remaining ones.</param>
    /// <param name="width">The number of vectors in a group: 8 or 16.</param>
    /// <param name="element">The index of the first element, a multiple of <see cref="MatrixMultiplier.ElementBlock"/>.</param>
    /// <param name="length">The number of elements, at most <see cref="MatrixMultiplier.ElementBlock"/>; an odd number is padded with a 0.</param>
    /// <param name="packed">Receives the groups, one after the other.</param>
    /// <param name="scratch">A buffer of the calling thread with <see cref="MatrixMultiplier.DecodeLength"/> floats.</param>
    public abstract void Pack(int start, int count, int width, int element, int length, Span<float> packed, Span<float> scratch);

    /// <summary>The number of elements of a packed vector, with the padding.</summary>
    public static int PaddedLength(int length) => (length + 1) / 2 * 2;
}
