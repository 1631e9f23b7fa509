using System.Numerics;

namespace Llama2.Tokenization;

/// <summary>
/// The order of merges by the pairs that merge, as Hugging Face's tokenizers have it, where scores of pieces cannot express it. Immutable once built.
/// </summary>
internal sealed class MergeRanks
{
    private readonly int[] _pairs;

    // Ranks and one, zero where a slot is free: a dictionary would take three times the memory. Hashes are seeded for each process.
    private readonly int[] _slots;
    private int _count;

    /// <param name="capacity">Most merges that will be added.</param>
    public MergeRanks(int capacity)
        : this(new int[2 * capacity], count: 0)
    {
    }

    /// <param name="pairs">For each merge, the first before all others, the ids of its left and its right piece. Kept.</param>
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

    /// <summary>The ids that this was made of.</summary>
    public ReadOnlySpan<int> Pairs => _pairs.AsSpan(0, 2 * _count);

    /// <summary>Adds a pair behind all others; false if it is there.</summary>
    public bool TryAdd(int left, int right)
    {
        ref int slot = ref SlotOf(left, right);
        if (slot != 0)
            return false;
        (_pairs[2 * _count], _pairs[(2 * _count) + 1]) = (left, right);
        slot = ++_count;
        return true;
    }

    /// <summary>The place of a pair in the order; false where the two do not merge.</summary>
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
