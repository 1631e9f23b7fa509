using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>
/// Reads the list of merges of a <c>tokenizer.json</c>. Hugging Face's tokenizers merge only listed pairs, the earliest in the list first.
/// SentencePiece merges any two neighbours that together form a piece: the piece with the best score first, and of several pieces with this score the
/// leftmost. If the list was derived from a SentencePiece model, scores that give the same tokens are computed here; for any other list,
/// <see cref="Ranks"/> contains its order.
/// </summary>
internal sealed class MergeTable
{
    // HasEveryPair takes about a second for this sum of squared lengths.
    private const long MaxSquaredLength = 1 << 30;

    private readonly string _path;
    private readonly PieceTexts _pieces;
    private readonly PieceType[] _types;
    private readonly PieceTable _ids;
    private readonly MergeRanks _ranks;
    private readonly int[] _firstRank, _lastRank, _pairCount;

    /// <param name="json">The content of the file.</param>
    /// <param name="pieces">The pieces of the vocabulary; no two may be equal.</param>
    /// <param name="ids">The ids of the pieces.</param>
    /// <param name="types">The types of the pieces.</param>
    /// <exception cref="ModelFormatException">A merge is malformed.</exception>
    public MergeTable(TokenizerJson json, PieceTexts pieces, PieceTable ids, PieceType[] types)
    {
        _path = json.Path;
        _pieces = pieces;
        _types = types;
        _ids = ids;
        _ranks = new MergeRanks(json.MergeCount);
        _firstRank = Filled(pieces.Count);
        _lastRank = Filled(pieces.Count);
        _pairCount = new int[pieces.Count];
        CheckLength();
        int rank = ReadAll(json);
        Scores = Array.ConvertAll(_firstRank, first => first < 0 ? -rank : (float)-first);
        if (!HasPairsOfAPieceTogether() || !HasEveryPair())
            Ranks = _ranks;
    }

    /// <summary>
    /// The score of each piece: the negative index of its first merge in the list. Pieces whose merges are mixed in the list all have the score of
    /// the first of these pieces.
    /// </summary>
    public float[] Scores { get; }

    /// <summary>The order of the merges if scores cannot express it; otherwise null.</summary>
    public MergeRanks? Ranks { get; }

    private int ReadAll(TokenizerJson json)
    {
        Utf8JsonReader merges = json.Merges();
        merges.Read();
        // Pairs in which a piece is not text (a control piece or a byte); they are rare, and are only checked for duplicates.
        var others = new HashSet<(int, int)>();
        int rank = 0;
        for (; merges.Read() && merges.TokenType != JsonTokenType.EndArray; rank++)
        {
            (string left, string right) = ReadMerge(ref merges, rank);
            int union = _ids.Find(left + right), leftId = _ids.Find(left), rightId = _ids.Find(right);
            if (union < 0 || leftId < 0 || rightId < 0)
                throw Fault(rank, $"'{left}' '{right}'", "both parts and the whole must be pieces of the vocabulary: the file is damaged");
            // Only merges of normal pieces matter: control and byte pieces are not in the index of results (PieceIndex), and user-defined pieces are found
            // before any merge.
            bool isText = IsText(union) && IsText(leftId) && IsText(rightId);
            if (!(isText ? _ranks.TryAdd(leftId, rightId) : others.Add((leftId, rightId))))
                throw Fault(rank, $"'{left}' '{right}'", "the list must not have it twice: the file is damaged");
            if (!isText)
                continue;
            _firstRank[union] = _firstRank[union] < 0 ? rank : _firstRank[union];
            _lastRank[union] = rank;
            _pairCount[union]++;
        }

        return rank;
    }

    // A merge is an array of two pieces, or a string of two pieces with a space between them.
    private (string Left, string Right) ReadMerge(ref Utf8JsonReader json, int rank)
    {
        // With escapes, a character takes at most six bytes, and there are two pieces.
        if (json.ValueSpan.Length > 12 * Vocabulary.MaxPieceByteSize + 1)
            throw Fault(rank, Invariant($"{json.ValueSpan.Length:N0} bytes long"), Invariant($"a merge must be two pieces of at most {Vocabulary.MaxPieceByteSize:N0} bytes"));
        if (json.TokenType == JsonTokenType.String && json.GetString()! is var text && text.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space
            && space < text.Length - 1 && text.IndexOf(' ', space + 1) < 0)
        {
            return (text[..space], text[(space + 1)..]);
        }

        if (json.TokenType == JsonTokenType.StartArray && json.Read() && json.TokenType == JsonTokenType.String && json.GetString() is { } left
            && json.Read() && json.TokenType == JsonTokenType.String && json.GetString() is { } right && json.Read() && json.TokenType == JsonTokenType.EndArray)
        {
            return (left, right);
        }

        throw Fault(rank, JsonFields.Describe(json), "a merge must be two pieces, in an array or with a space between them");
    }

    // Limits the time of HasEveryPair, which splits every piece at each of its characters and looks up both parts. The time for a piece grows with
    // the square of the piece's length.
    private void CheckLength()
    {
        long work = 0;
        for (int id = 0; id < _pieces.Count; id++)
            work += (long)_pieces.Length(id) * _pieces.Length(id);
        if (work > MaxSquaredLength)
        {
            throw new ModelFormatException(
                _path, null, "model.vocab", Invariant($"pieces with squared lengths of {work:N0} in total"),
                Invariant($"at most {MaxSquaredLength:N0} are allowed; Llama 2's have about 1,000,000"));
        }
    }

    /// <summary>
    /// Whether scores of the pieces can express the order of the list. They can if, for every piece, the merges that produce this piece are consecutive
    /// in the list. They also can if the merges of several pieces are mixed in the way that <see cref="AreTiedRuns"/> accepts: such pieces had the
    /// same score in the SentencePiece model, and get the same score here.
    /// </summary>
    private bool HasPairsOfAPieceTogether()
    {
        int[] ids = [.. Enumerable.Range(0, _pieces.Count).Where(id => _firstRank[id] >= 0).OrderBy(id => _firstRank[id])];
        for (int start = 0, end; start < ids.Length; start = end)
        {
            int last = _lastRank[ids[start]];
            for (end = start + 1; end < ids.Length && _firstRank[ids[end]] < last; end++)
                last = Math.Max(last, _lastRank[ids[end]]);
            if (end - start == 1)
                continue;
            // The run of two characters has only one merge, which joins two single characters. The parts of this merge are the shortest, so the merge
            // comes last and is not mixed with those of the other runs. Nevertheless the run has the same score as the other runs.
            if (end < ids.Length && _pieces.Length(ids[end]) == 2)
                end++;
            if (!AreTiedRuns(ids.AsSpan(start, end - start)))
                return false;
            foreach (int id in ids.AsSpan(start, end - start))
                Scores[id] = -_firstRank[ids[start]];
        }

        return true;
    }

    /// <summary>
    /// Whether pieces with mixed merges are runs of one character, and equal scores for these runs give the same tokens as the list of merges. The runs of
    /// spaces in Llama 2's vocabulary are such pieces. For pieces of equal score, transformers lists the merges by the length of the left part, then of the
    /// right
    /// part, the longest first. Both with this list and with equal scores, the leftmost run grows by one character at a time until it is the longest
    /// piece. The tokens are the same under two conditions. There must be runs of every length from 2 to the longest. And no piece may contain this
    /// character after a different one, so that a run is never merged with the text before it.
    /// </summary>
    private bool AreTiedRuns(ReadOnlySpan<int> ids)
    {
        char character = _pieces.Span(ids[0])[0];
        int longest = 0;
        foreach (int id in ids)
        {
            if (_pieces.Span(id).ContainsAnyExcept(character))
                return false;
            longest = Math.Max(longest, _pieces.Length(id));
        }

        return longest == ids.Length + 1 && IsByLength(ids, character)
            && Enumerable.Range(0, _pieces.Count).All(id => _pieces.Span(id).TrimStart(character).IndexOf(character) < 0);
    }

    // Whether all merges of runs of the character are consecutive in the list, in descending order of the lengths of the left and then the right
    // part.
    private bool IsByLength(ReadOnlySpan<int> ids, char character)
    {
        int first = int.MaxValue, last = 0;
        foreach (int id in ids)
            (first, last) = (Math.Min(first, _firstRank[id]), Math.Max(last, _lastRank[id]));
        List<(int Left, int Right)> lengths = [];
        for (int i = 0; i < _ranks.Pairs.Length; i += 2)
        {
            ReadOnlySpan<char> left = _pieces.Span(_ranks.Pairs[i]), right = _pieces.Span(_ranks.Pairs[i + 1]);
            if (!left.ContainsAnyExcept(character) && !right.ContainsAnyExcept(character))
                lengths.Add((left.Length, right.Length));
        }

        return lengths.Count == last - first + 1 && lengths.SequenceEqual(lengths.OrderByDescending(pair => pair));
    }

    private bool HasEveryPair()
    {
        for (int id = 0; id < _pieces.Count; id++)
        {
            ReadOnlySpan<char> piece = _pieces.Span(id);
            if (!IsText(id))
                continue;

            int pairCount = 0;
            for (int i = 1; i < piece.Length; i++)
            {
                if (!char.IsLowSurrogate(piece[i]) && IsTextPiece(piece[..i]) && IsTextPiece(piece[i..]))
                    pairCount++;
            }

            if (pairCount != _pairCount[id])
                return false;
        }

        return true;

        bool IsTextPiece(ReadOnlySpan<char> part) => _ids.Find(part) is >= 0 and var id && IsText(id);
    }

    private bool IsText(int id) => _types[id] == PieceType.Normal;

    private ModelFormatException Fault(int rank, string value, string limit) => new(_path, null, Invariant($"model.merges[{rank}]"), value, limit);

    private static int[] Filled(int length)
    {
        int[] values = new int[length];
        Array.Fill(values, -1);
        return values;
    }
}
