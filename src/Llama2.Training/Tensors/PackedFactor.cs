using System.Runtime.CompilerServices;
using Llama2.Memory;
using Llama2.Threading;

namespace Llama2.Training.Tensors;

/// <summary>
/// The vectors that a product packs before it multiplies, because several of its work items read them. For each block of elements, all groups of
/// vectors are stored one after the other, so that memory is read sequentially.
/// </summary>
/// <param name="width">The number of vectors side by side: 8 or 16.</param>
internal sealed class PackedFactor(int width) : IDisposable
{
    // The number of vectors that a thread packs at a time, unless the factor's alignment is larger.
    private const int MinBlockCount = 128;
    private AlignedBuffer<float> _values = new(0);
    private int _groupCount;

    /// <summary>Packs a part of the elements of the first <paramref name="count"/> vectors on all threads, replacing previously packed data.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="factor">The vectors.</param>
    /// <param name="count">The number of vectors.</param>
    /// <param name="start">The index of the first element, a multiple of <see cref="MatrixMultiplier.ElementBlock"/>.</param>
    /// <param name="length">The number of elements.</param>
    /// <param name="scratch">The buffers of the threads.</param>
    public void Pack(WorkerPool pool, Factor factor, int count, int start, int length, AlignedBuffer<float> scratch)
    {
        _groupCount = MatrixMultiplier.Groups(count, width);
        long size = (long)_groupCount * width * Factor.PaddedLength(length);
        if (_values.Length < size)
        {
            _values.Dispose();
            _values = new(size);
        }

        int blockCount = Math.Max(MinBlockCount, factor.Alignment);
        pool.Run(
            new PackBlocks(this, factor, count, blockCount, start, length, scratch),
            MatrixMultiplier.Groups(count, blockCount) * MatrixMultiplier.Groups(length, MatrixMultiplier.ElementBlock));
    }

    /// <summary>
    /// A reference to the packed values of a group of vectors in one block of elements; the values of the next group in this block follow in memory.
    /// </summary>
    /// <param name="group">The index of the group.</param>
    /// <param name="element">The index of the block's first element, a multiple of <see cref="MatrixMultiplier.ElementBlock"/>.</param>
    /// <param name="length">The number of elements of the block, even.</param>
    public ref float Group(int group, int element, int length)
        => ref Unsafe.Add(ref _values.Reference, ((nint)element * _groupCount + (nint)group * length) * width);

    public void Dispose() => _values.Dispose();

    private readonly record struct PackBlocks(PackedFactor Packed, Factor Factor, int Count, int BlockCount, int FirstElement, int Length, AlignedBuffer<float> Scratch) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int vectorBlockCount = MatrixMultiplier.Groups(Count, BlockCount);
            for (int item = start; item < end; item++)
            {
                (int elementBlock, int vectorBlock) = Math.DivRem(item, vectorBlockCount);
                int first = vectorBlock * BlockCount, count = Math.Min(BlockCount, Count - first);
                int element = elementBlock * MatrixMultiplier.ElementBlock, length = Math.Min(MatrixMultiplier.ElementBlock, Length - element);
                Packed.Pack(Factor, first, count, FirstElement, element, length, Scratch.Slice((long)worker * MatrixMultiplier.ScratchLength, MatrixMultiplier.DecodeLength));
            }
        }
    }

    private void Pack(Factor factor, int start, int count, int firstElement, int element, int length, Span<float> scratch)
    {
        int paddedLength = Factor.PaddedLength(length), groupCount = MatrixMultiplier.Groups(count, width);
        Span<float> packed = _values.Slice(((long)element * _groupCount + (long)start / width * paddedLength) * width, groupCount * paddedLength * width);
        factor.Pack(start, count, width, firstElement + element, length, packed, scratch);
    }
}
