using System.Buffers;

namespace Llama2.Tokenization;

/// <summary>
/// The pairs that may be merged. The pair with the best score comes first; of several pairs with this score, the leftmost. The pairs are in a heap,
/// which is stored in an array from a pool. Each node has four children. A binary heap would have twice as many levels, and would cause twice as many cache
/// misses for a text that consists of a megabyte of one letter.
/// </summary>
internal sealed class MergeQueue : IDisposable
{
    private const int Arity = 4;

    private Candidate[] _heap = ArrayPool<Candidate>.Shared.Rent(64);
    private int _count;

    public void Push(Candidate candidate)
    {
        if (_count == _heap.Length)
            Grow();

        Candidate[] heap = _heap;
        int position = _count++;
        while (position > 0)
        {
            int parent = (position - 1) / Arity;
            if (heap[parent].Order <= candidate.Order)
                break;
            heap[position] = heap[parent];
            position = parent;
        }

        heap[position] = candidate;
    }

    public bool TryPop(out Candidate best)
    {
        if (_count == 0)
        {
            best = default;
            return false;
        }

        best = _heap[0];
        _count--;
        if (_count > 0)
            SinkFromRoot(_heap[_count]);
        return true;
    }

    public void Dispose()
    {
        ArrayPool<Candidate>.Shared.Return(_heap);
        _heap = [];
        _count = 0;
    }

    private void SinkFromRoot(Candidate candidate)
    {
        Candidate[] heap = _heap;
        int position = 0;
        while (true)
        {
            int child = (position * Arity) + 1;
            if (child >= _count)
                break;
            int end = Math.Min(child + Arity, _count);
            int smallest = child;
            for (int other = child + 1; other < end; other++)
            {
                if (heap[other].Order < heap[smallest].Order)
                    smallest = other;
            }

            if (heap[smallest].Order >= candidate.Order)
                break;
            heap[position] = heap[smallest];
            position = smallest;
        }

        heap[position] = candidate;
    }

    private void Grow()
    {
        Candidate[] larger = ArrayPool<Candidate>.Shared.Rent(checked(_heap.Length * 2));
        _heap.CopyTo(larger, 0);
        ArrayPool<Candidate>.Shared.Return(_heap);
        _heap = larger;
    }

    /// <summary>Two neighbouring symbols that together form a piece.</summary>
    /// <param name="Order">The merge order of the piece in the high half, and the start of the left symbol in the low half.</param>
    /// <param name="Right">The start of the right symbol.</param>
    /// <param name="Id">The piece that results from the merge.</param>
    public readonly record struct Candidate(ulong Order, int Right, int Id)
    {
        public int Left => (int)(uint)Order;
    }
}
