using System.Numerics;

namespace Llama2.Tokenization;

/// <summary>
/// Finds the piece that equals a part of a text, by the part's fingerprint and without creating a string. Each merge needs this look-up. The index
/// contains the pieces that text can become (normal, user-defined, unused), or only those that data in a prompt can become. Immutable once it is
/// built.
/// </summary>
internal sealed class PieceIndex
{
    private const int AdjacentBits = 1 << 18;

    private readonly Vocabulary _vocabulary;
    private readonly PieceTexts _pieces;
    private readonly Slot[] _slots;
    private readonly ulong[] _powers;
    private readonly ulong[] _adjacent = new ulong[AdjacentBits / 64];

    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="isForPrompts">
    /// True omits the pieces that data in a prompt must not become: user-defined pieces, and unused pieces of a single character, which cannot be
    /// split. Longer unused pieces are kept, because they can be intermediate results of merges.
    /// </param>
    public PieceIndex(Vocabulary vocabulary, bool isForPrompts = false)
    {
        _vocabulary = vocabulary;
        _pieces = vocabulary.Pieces;
        int count = 0;
        for (int id = 0; id < vocabulary.Count; id++)
            count += Has(id) ? 1 : 0;
        // The number of slots is a power of two; between 3/8 and 3/4 of the slots are used.
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)count * 4 / 3 + 1)];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (Has(id))
            {
                HasUnused |= vocabulary.Types[id] == PieceType.Unused;
                Add(id);
            }
        }

        _powers = TextFingerprint.Powers(LongestPiece);

        // A piece that includes the space before it is never the result of a merge.
        bool Has(int id) => !vocabulary.IsPrefixed(id) && vocabulary.Pieces.Length(id) > 0 && (isForPrompts ? CanBeData(vocabulary, id) : CanBeText(vocabulary.Types[id]));
    }

    /// <summary>The length of the longest piece in UTF-16 characters.</summary>
    public int LongestPiece { get; private set; }

    public bool HasUnused { get; }

    /// <summary>
    /// Whether prompts need an index of their own, because the vocabulary has pieces that plain text can become but data in a prompt must not.
    /// </summary>
    public static bool DiffersForPrompts(Vocabulary vocabulary)
    {
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.Pieces.Length(id) > 0 && CanBeText(vocabulary.Types[id]) && !CanBeData(vocabulary, id))
                return true;
        }

        return false;
    }

    /// <summary>The merge order of a piece: pieces with lower numbers are merged earlier, and pieces with equal scores have equal numbers.</summary>
    public uint MergeOrder(int id) => Order(_vocabulary.Scores[id]);

    public int PieceLength(int id) => _pieces.Length(id);

    /// <summary>
    /// Returns false if no piece contains these two characters side by side, so that no merge can ever join them. The result may be true although no
    /// piece contains them, because each pair is hashed to one of 2^18 bits. These bits stay in the first-level cache, and Llama 2's vocabulary sets
    /// 3 % of them.
    /// </summary>
    public bool MayJoin(char left, char right)
    {
        uint bit = AdjacentBit(left, right);
        return (_adjacent[bit >> 6] >> (int)(bit & 63) & 1) != 0;
    }

    /// <summary>The id of the piece equal to a part of a text, or -1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prefixes">The fingerprints of all prefixes of the text, from the empty prefix to the whole text.</param>
    /// <param name="start">The index at which the part starts.</param>
    /// <param name="length">The part's length.</param>
    public int Find(ReadOnlySpan<char> text, ReadOnlySpan<ulong> prefixes, int start, int length) =>
        length > LongestPiece
            ? -1
            : Find(text.Slice(start, length), TextFingerprint.OfPart(prefixes[start + length], prefixes[start], _powers[length]));

    /// <summary>The id of the piece equal to a text, or -1.</summary>
    public int Find(ReadOnlySpan<char> text) => text.Length > LongestPiece ? -1 : Find(text, TextFingerprint.OfText(text));

    private int Find(ReadOnlySpan<char> text, ulong fingerprint)
    {
        uint rest = Slot.Rest(fingerprint);
        for (uint position = (uint)fingerprint; ; position++)
        {
            ref readonly Slot slot = ref _slots[position & (uint)(_slots.Length - 1)];
            if (slot.IdPlusOne == 0)
                return -1;
            if (slot.Fingerprint == rest && text.SequenceEqual(_pieces.Span(slot.IdPlusOne - 1)))
                return slot.IdPlusOne - 1;
        }
    }

    private static bool CanBeText(PieceType type) => type is PieceType.Normal or PieceType.UserDefined or PieceType.Unused;

    private static bool CanBeData(Vocabulary vocabulary, int id)
    {
        ReadOnlySpan<char> piece = vocabulary.Pieces.Span(id);
        bool isCharacter = piece.Length == (char.IsHighSurrogate(piece[0]) ? 2 : 1);
        return vocabulary.Types[id] == PieceType.Normal || (vocabulary.Types[id] == PieceType.Unused && !isCharacter);
    }

    private void Add(int id)
    {
        ReadOnlySpan<char> piece = _pieces.Span(id);
        LongestPiece = Math.Max(LongestPiece, piece.Length);
        ulong fingerprint = TextFingerprint.OfText(piece);
        if (Find(piece, fingerprint) >= 0)
            return; // Of equal pieces, the one with the lowest id is used.

        uint position = (uint)fingerprint & (uint)(_slots.Length - 1);
        while (_slots[position].IdPlusOne != 0)
            position = (position + 1) & (uint)(_slots.Length - 1);
        _slots[position] = new Slot(Slot.Rest(fingerprint), id + 1);

        for (int i = 1; i < piece.Length; i++)
        {
            uint bit = AdjacentBit(piece[i - 1], piece[i]);
            _adjacent[bit >> 6] |= 1UL << (int)(bit & 63);
        }
    }

    private static uint AdjacentBit(char left, char right) => ((((uint)left << 16) | right) * 2654435769u) >> 14;

    /// <summary>
    /// Maps scores to integers, higher scores to lower integers. Zero is added to turn -0 into 0, because the two are equal as scores.
    /// </summary>
    private static uint Order(float score)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x8000_0000) != 0 ? bits : ~bits & 0x7FFF_FFFF;
    }

    /// <param name="Fingerprint">The highest 32 bits of the piece's fingerprint; the slot's place in the table follows from the lowest bits.</param>
    /// <param name="IdPlusOne">The piece's id plus one, or 0 for a free slot.</param>
    private readonly record struct Slot(uint Fingerprint, int IdPlusOne)
    {
        // A fingerprint has 61 bits. The lowest 19 or fewer of them determine the slot's place in the table.
        public static uint Rest(ulong fingerprint) => (uint)(fingerprint >> 29);
    }
}
