using System.Numerics;

namespace Llama2.Tokenization;

/// <summary>
/// The order in which pairs of pieces are merged, as in Hugging Face's tokenizers. Used only for an order that the scores of pieces cannot express.
/// Immutable once it is filled.
/// </summary>
internal sealed class MergeRanks
{
    private readonly int[] _pairs;

    // A hash table. Each slot contains a rank plus one, or zero if the slot is free. A dictionary would take three times the memory of this table.
    // Hashes are seeded for each process, so that no file can make them collide.
    private readonly int[] _slots;
    private int _count;

    /// <param name="capacity">The maximum number of merges that will be added.</param>
    public MergeRanks(int capacity)
        : this(new int[2 * capacity], count: 0)
    {
    }

    /// <param name="pairs">The ids of the left and the right piece of each merge, in the order of the merges. The array is kept.</param>
    public MergeRanks(int[] pairs)
        : this(pairs, pairs.Length / 2)
    {
        for (int rank = 0; rank < _count; rank++)
        {
            ref int slot = ref SlotOf(pairs[2 * rank], pairs[(2 * rank) + 1]);
            slot = slot == 0 ? rank + 1 : slot;
        }
    }

    private MergeRanks(int[] pairs, int count)
    {
        _pairs = pairs;
        _count = count;
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)(pairs.Length / 2) * 4 / 3 + 1)];
    }

    /// <summary>The ids of all pairs, in the order of the merges.</summary>
    public ReadOnlySpan<int> Pairs => _pairs.AsSpan(0, 2 * _count);

    /// <summary>Adds a pair at the end of the order; returns false if the pair is already present.</summary>
    public bool TryAdd(int left, int right)
    {
        ref int slot = ref SlotOf(left, right);
        if (slot != 0)
            return false;
        (_pairs[2 * _count], _pairs[(2 * _count) + 1]) = (left, right);
        slot = ++_count;
        return true;
    }

    /// <summary>Finds the place of a pair in the order; returns false if the pair is not in the order and is therefore never merged.</summary>
    public bool TryFind(int left, int right, out uint rank)
    {
        int found = SlotOf(left, right);
        rank = (uint)(found - 1);
        return found != 0;
    }

    private ref int SlotOf(int left, int right)
    {
        int mask = _slots.Length - 1, position = HashCode.Combine(left, right) & mask;
        while (_slots[position] is not 0 and var found && (_pairs[2 * (found - 1)] != left || _pairs[(2 * found) - 1] != right))
            position = (position + 1) & mask;
        return ref _slots[position];
    }
}
