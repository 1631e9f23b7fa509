using System.Numerics;

namespace Llama2.Tokenization;

/// <summary>
/// Finds pieces by their whole texts while a vocabulary is read. The table takes 6 to 11 bytes for each piece; a dictionary would take 28.
/// </summary>
/// <param name="texts">The texts of the pieces; more may be added later.</param>
/// <param name="capacity">The maximum number of pieces that will be added.</param>
internal sealed class PieceTable(PieceTexts texts, int capacity)
{
    // A hash table. Each slot contains an id plus one, or zero if the slot is free. Hashes are seeded for each process, so that no file can make them
    // collide.
    private readonly int[] _slots = new int[BitOperations.RoundUpToPowerOf2((uint)capacity * 4 / 3 + 1)];

    /// <summary>The id of the piece with this text, or -1.</summary>
    public int Find(ReadOnlySpan<char> text) => _slots[SlotOf(text)] - 1;

    /// <summary>Adds a piece; returns false if another piece has the same text.</summary>
    public bool TryAdd(int id)
    {
        ref int slot = ref _slots[SlotOf(texts.Span(id))];
        if (slot != 0)
            return false;
        slot = id + 1;
        return true;
    }

    private int SlotOf(ReadOnlySpan<char> text)
    {
        int mask = _slots.Length - 1, position = string.GetHashCode(text) & mask;
        while (_slots[position] != 0 && !texts.Span(_slots[position] - 1).SequenceEqual(text))
            position = (position + 1) & mask;
        return position;
    }
}
