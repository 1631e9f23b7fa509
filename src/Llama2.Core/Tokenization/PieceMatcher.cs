namespace Llama2.Tokenization;

/// <summary>
/// Finds in one pass, for each position of a text, the longest piece of a set that starts there. This class is the automaton of Aho and Corasick
/// (Communications of the ACM 18, 1975) for the reversed pieces; the automaton reads the text from its end to its start. Except for the search among
/// a node's children, the time is linear in the length of the text, whatever the pieces are. Immutable.
/// </summary>
internal sealed class PieceMatcher
{
    // The nodes of the tree of reversed pieces, level by level. For each node: the character that leads to it; the index of its first child; the node of
    // its longest proper suffix that is in the tree; and the longest piece that ends at the node. The children of a node are stored one after another, in
    // the order of their characters, up to the first child of the next node.
    private readonly char[] _characters;
    private readonly int[] _firstChildren;
    private readonly int[] _fallbacks;
    private readonly int[] _longest;

    // The parameter texts contains the text of each piece at the piece's id, either as in the vocabulary or as in normalized text.
    private PieceMatcher(PieceTexts texts, int[] ids)
    {
        // Of equal pieces, the piece with the lowest id comes first, and only this piece is found.
        Array.Sort(ids, (left, right) => CompareReversed(texts.Span(left), texts.Span(right)) is not 0 and var order ? order : left.CompareTo(right));
        int nodeCount = CountNodes(texts, ids);
        _characters = new char[nodeCount];
        _firstChildren = new int[nodeCount + 1];
        _fallbacks = new int[nodeCount];
        _longest = new int[nodeCount];
        Build(texts, ids);
    }

    /// <summary>Creates a matcher for all non-empty pieces of the given types; returns null if there are none.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="escapeSpaces">
    /// Whether the text to be searched is normalized. If it is, the plain spaces with which GGUF stores user-defined pieces are replaced by U+2581,
    /// and U+2581 is put in front of the pieces of <see cref="VocabularyOptions.PrefixedIds"/>.
    /// </param>
    /// <param name="types">The types of the pieces to match.</param>
    public static PieceMatcher? Create(Vocabulary vocabulary, bool escapeSpaces, params ReadOnlySpan<PieceType> types)
    {
        int mask = 0;
        foreach (PieceType type in types)
            mask |= 1 << (int)type;
        List<int> ids = [];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if ((mask >> (int)vocabulary.Types[id] & 1) != 0 && vocabulary.Pieces.Length(id) > 0)
                ids.Add(id);
        }

        if (ids.Count == 0)
            return null;
        int[] matched = [.. ids];
        return new PieceMatcher(escapeSpaces ? Escape(vocabulary, matched) : vocabulary.Pieces, matched);
    }

    /// <summary>Writes, for each position, the id of the longest piece that starts there, or -1.</summary>
    public void FindLongest(ReadOnlySpan<char> text, Span<int> ids)
    {
        int state = 0;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            state = Step(state, text[i]);
            ids[i] = _longest[state];
        }
    }

    // Returns the texts that the pieces have in normalized text. If all are equal to the vocabulary's texts, the vocabulary's own object is returned.
    private static PieceTexts Escape(Vocabulary vocabulary, int[] ids)
    {
        if (!Array.Exists(ids, id => vocabulary.IsPrefixed(id) || vocabulary.Pieces.Span(id).Contains(' ')))
            return vocabulary.Pieces;
        var texts = new PieceTexts(vocabulary.Count, 0);
        foreach (int id in ids)
            texts.Set(id, vocabulary.NormalizedPiece(id));
        return texts;
    }

    // Compares from the last character to the first; a suffix comes before the texts that end with it.
    private static int CompareReversed(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int common = CommonSuffixLength(left, right);
        return common == Math.Min(left.Length, right.Length) ? left.Length - right.Length : left[^(common + 1)] - right[^(common + 1)];
    }

    private static int CommonSuffixLength(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int length = 0, most = Math.Min(left.Length, right.Length);
        while (length < most && left[^(length + 1)] == right[^(length + 1)])
            length++;
        return length;
    }

    // Counts the root and, for each piece, one node for each character outside the suffix that the piece shares with the previous piece.
    private static int CountNodes(PieceTexts texts, int[] sorted)
    {
        int count = 1 + texts.Length(sorted[0]);
        for (int i = 1; i < sorted.Length; i++)
            count += texts.Length(sorted[i]) - CommonSuffixLength(texts.Span(sorted[i - 1]), texts.Span(sorted[i]));
        return count;
    }

    // A node represents the pieces that end with the same characters; they are a range of the sorted list. Until the node is processed, the start and
    // end of its range are stored in the places of its longest piece and its first child.
    private void Build(PieceTexts texts, int[] sorted)
    {
        (_longest[0], _firstChildren[0]) = (0, sorted.Length);
        int count = 1;
        for (int node = 0, depth = 0, levelEnd = 1; node < _longest.Length; node++)
        {
            if (node == levelEnd)
                (depth, levelEnd) = (depth + 1, count);
            (int start, int end) = (_longest[node], _firstChildren[node]);
            _firstChildren[node] = count;
            _longest[node] = texts.Length(sorted[start]) == depth ? sorted[start] : node == 0 ? -1 : _longest[_fallbacks[node]];
            while (start < end && texts.Length(sorted[start]) == depth)
                start++;
            while (start < end)
            {
                int childStart = start;
                char character = texts.Span(sorted[start])[^(depth + 1)];
                while (start < end && texts.Span(sorted[start])[^(depth + 1)] == character)
                    start++;
                _characters[count] = character;
                _fallbacks[count] = node == 0 ? 0 : Step(_fallbacks[node], character);
                (_longest[count], _firstChildren[count]) = (childStart, start);
                count++;
            }
        }

        _firstChildren[^1] = count;
    }

    private int Step(int state, char character)
    {
        while (true)
        {
            int first = _firstChildren[state];
            int found = _characters.AsSpan(first, _firstChildren[state + 1] - first).BinarySearch(character);
            if (found >= 0)
                return first + found;
            if (state == 0)
                return 0;
            state = _fallbacks[state];
        }
    }
}
