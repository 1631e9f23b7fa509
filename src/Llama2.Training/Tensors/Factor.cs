using Llama2.Memory;
using Llama2.Threading;

namespace Llama2.Training.Tensors;

/// <summary>
/// One side of a matrix product: vectors whose dot products with the other side's are the result. A factor knows how to pack its vectors,
/// <c>width</c> of them side by side for each element, as the kernel reads them.
/// </summary>
internal abstract class Factor
{
    /// <summary>Packs vectors, in groups of <paramref name="width"/>: <c>[group][element][vector in the group]</c>; what a last group lacks is 0.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="start">The first vector, a multiple of 256.</param>
    /// <param name="count">How many.</param>
    /// <param name="width">Vectors in a group: 8 or 16.</param>
    /// <param name="length">Elements of a vector; an odd number is padded with a 0.</param>
    /// <param name="packed">Receives the groups.</param>
    /// <param name="scratch">Memory of the threads, <see cref="MatrixMultiplier.ScratchLength"/> floats each.</param>
    public abstract void Pack(WorkerPool pool, int start, int count, int width, int length, AlignedBuffer<float> packed, AlignedBuffer<float> scratch);

    /// <summary>Elements of a packed vector.</summary>
    public static int PaddedLength(int length) => (length + 1) / 2 * 2;
}
