namespace Llama2.Training.Tensors;

/// <summary>
/// One side of a matrix product: vectors whose dot products with the other side's are the result. A factor knows how to pack its vectors,
/// <c>width</c> of them side by side for each element, as the kernel reads them.
/// </summary>
internal abstract class Factor
{
    /// <summary>Vectors at whose multiples a part that is packed may start.</summary>
    public abstract int Alignment { get; }

    /// <summary>
    /// Packs a part of some vectors, in groups of <paramref name="width"/>: <c>[group][element][vector in the group]</c>; what a last group lacks is 0.
    /// </summary>
    /// <param name="start">The first vector, a multiple of <see cref="Alignment"/>.</param>
    /// <param name="count">How many: a multiple of <see cref="Alignment"/>, or all that are left.</param>
    /// <param name="width">Vectors in a group: 8 or 16.</param>
    /// <param name="element">The first element, a multiple of <see cref="MatrixMultiplier.ElementBlock"/>.</param>
    /// <param name="length">Elements, at most as many; an odd number is padded with a 0.</param>
    /// <param name="packed">Receives the groups, one after the other.</param>
    /// <param name="scratch">Memory of the calling thread, <see cref="MatrixMultiplier.DecodeLength"/> floats.</param>
    public abstract void Pack(int start, int count, int width, int element, int length, Span<float> packed, Span<float> scratch);

    /// <summary>Elements of a packed vector.</summary>
    public static int PaddedLength(int length) => (length + 1) / 2 * 2;
}
