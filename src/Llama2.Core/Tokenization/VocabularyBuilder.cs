using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>A vocabulary that is put together from several files: its pieces first, then the tokens that fine-tunes have added.</summary>
internal sealed class VocabularyBuilder
{
    /// <summary>Most ids without a piece that placeholders fill, in gaps and behind the last piece; each takes about 100 bytes that no file backs.</summary>
    public const int MaxPlaceholderCount = 32_768;

    // As llama.cpp's converter has them; no text reaches such a piece.
    private const float AddedScore = -1000, PlaceholderScore = -10_000;

    private int _placeholderCount;

    private readonly PieceTexts _pieces;
    private float[] _scores;
    private PieceType[] _types;
    private readonly Dictionary<int, AddedToken> _flagged = [];
    private readonly List<int> _normalizedIds = [];

    /// <summary>Begins with all pieces of a vocabulary.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="addedTokenCount">How many tokens will be added, so that the arrays need not grow; a guess.</param>
    public VocabularyBuilder(Vocabulary vocabulary, int addedTokenCount = 0)
    {
        int capacity = Math.Min(vocabulary.Count + addedTokenCount, Vocabulary.MaxCount);
        _pieces = new PieceTexts(vocabulary.Pieces, capacity - vocabulary.Count);
        _scores = new float[capacity];
        _types = new PieceType[capacity];
        vocabulary.Scores.CopyTo(_scores);
        vocabulary.Types.CopyTo(_types);
    }

    public int Count => _pieces.Count;

    /// <summary>Appends a piece.</summary>
    public void Add(string piece, float score, PieceType type)
    {
        if (Count == _scores.Length)
        {
            Array.Resize(ref _scores, Count + (Count / 2) + 1);
            Array.Resize(ref _types, _scores.Length);
        }

        (_scores[Count], _types[Count]) = (score, type);
        _pieces.Add(piece);
    }

    /// <summary>The text of a piece.</summary>
    public string PieceAt(int id) => _pieces.Span(id).ToString();

    /// <summary>The id of a piece, of equal ones the lowest, or -1. It looks through all: the few pieces that files name need no table.</summary>
    public int Find(string? piece) => piece is null ? -1 : _pieces.IndexOf(piece);

    /// <summary>Puts in a token that a file declares beside the vocabulary proper; ids between the last and its own become placeholders.</summary>
    /// <returns>Whether it was taken: some files of Llama 1 declare its special tokens without their names, which changes nothing.</returns>
    /// <exception cref="ModelFormatException">The id is out of range, or belongs to another piece.</exception>
    public bool AddToken(AddedToken token)
    {
        (string source, int id, string content, bool isSpecial, bool isNormalized, string? flag) = token;
        if (id is < 0 or >= Vocabulary.MaxCount)
            throw new ModelFormatException(source, -1, $"id of the added token '{content}'", Invariant($"{id:N0}"), Invariant($"ids are 0 to {Vocabulary.MaxCount - 1:N0}"));
        if (content.Length == 0 && id < Count)
            return false;

        if (flag is not null)
            _flagged[id] = token;
        PieceType type = isSpecial ? PieceType.Control : PieceType.UserDefined;
        if (id >= Count)
        {
            Pad(source, id, $"id of the added token '{content}'", id);
            Add(content, AddedScore, type);
            NoteNormalized(id, isNormalized);
            return true;
        }

        if (_pieces.Span(id).SequenceEqual(content))
        {
            // A piece for a byte or for the unknown stays what it is.
            if (_types[id] is PieceType.Normal or PieceType.Unused || (isSpecial && _types[id] == PieceType.UserDefined))
                _types[id] = type;
            return true;
        }

        if (_types[id] != PieceType.Unused)
        {
            throw new ModelFormatException(
                source, -1, Invariant($"added token {id:N0}"), $"'{content}'", $"the vocabulary has the piece '{PieceAt(id)}' there: the files are of different models");
        }

        // A gap that is filled lacks no piece any longer.
        if (_scores[id] == PlaceholderScore)
            _placeholderCount--;
        _pieces.Set(id, content);
        (_scores[id], _types[id]) = (AddedScore, type);
        NoteNormalized(id, isNormalized);
        return true;
    }

    /// <summary>Makes the vocabulary as long as a model's table of embeddings: placeholders fill it up, and added tokens that have no embedding go.</summary>
    /// <param name="source">The file that errors name.</param>
    /// <param name="count">Rows of the table.</param>
    /// <exception cref="ModelFormatException">A piece that is no added token has no embedding.</exception>
    public void Resize(string source, int count)
    {
        Pad(source, count, "rows of the table of embeddings", count);
        for (int id = Count - 1; id >= count; id--)
        {
            if (_scores[id] is not (AddedScore or PlaceholderScore))
                throw new ModelFormatException(source, -1, "vocabulary size", Invariant($"{Count:N0}"), Invariant($"the model has embeddings for {count:N0} tokens: the folder mixes two models"));

            _pieces.RemoveLast();
        }
    }

    /// <summary>Makes the vocabulary, which keeps the pieces: the builder is used no more.</summary>
    /// <param name="source">The file that errors name.</param>
    /// <param name="options">What else the vocabulary says.</param>
    /// <param name="prefixesTokens">Whether a normalizer puts the dummy prefix before added tokens that it is applied to, as before text.</param>
    /// <exception cref="ModelFormatException">The parts contradict each other or break a limit.</exception>
    public Vocabulary Build(string source, VocabularyOptions options, bool prefixesTokens = false)
    {
        if (prefixesTokens && options.AddDummyPrefix)
            options = options with { PrefixedIds = [.. _normalizedIds.Where(id => id < Count && _types[id] == PieceType.UserDefined).Order()] };
        Array.Resize(ref _scores, Count);
        Array.Resize(ref _types, Count);
        var vocabulary = Vocabulary.Create(source, _pieces, _scores, _types, options);
        foreach ((int id, AddedToken token) in _flagged)
        {
            // Text never yields a control token, so nothing depends on where it would be found.
            if (id < vocabulary.Count && vocabulary.Types[id] == PieceType.UserDefined)
                throw new ModelFormatException(token.Source, -1, Invariant($"{token.UnsupportedFlag} of the added token {id:N0}, '{token.Content}'"), "true", "only tokens that are found wherever their text is are supported, without the spaces around it");
        }

        return vocabulary;
    }

    // One of the vocabulary proper stays a piece that merges may make, and is found wherever its text is.
    private void NoteNormalized(int id, bool isNormalized)
    {
        if (isNormalized)
            _normalizedIds.Add(id);
    }

    private void Pad(string source, int count, string field, int value)
    {
        _placeholderCount += Math.Max(0, count - Count);
        if (_placeholderCount > MaxPlaceholderCount)
            throw new ModelFormatException(source, -1, field, Invariant($"{value:N0}"), Invariant($"the vocabulary ends at {Count - 1:N0}, and at most {MaxPlaceholderCount:N0} ids may lack a piece: the files are of different models"));
        while (Count < count)
            Add(Invariant($"[PAD{Count}]"), PlaceholderScore, PieceType.Unused);
    }
}
