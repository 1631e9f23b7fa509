using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>
/// Builds a vocabulary from several files: first the pieces of the base vocabulary are added, then the tokens that fine-tunes have added.
/// </summary>
internal sealed class VocabularyBuilder
{
    /// <summary>
    /// The maximum number of ids without a piece, which are filled with placeholders: ids in gaps and after the last piece. Each placeholder takes
    /// about 100 bytes of memory, however small the file is.
    /// </summary>
    public const int MaxPlaceholderCount = 32_768;

    // The scores that llama.cpp's converter gives to added tokens and to placeholders. They do not affect encoding: a user-defined piece is found
    // before any merge, and text is never encoded as a control token or a placeholder.
    private const float AddedScore = -1000, PlaceholderScore = -10_000;

    private int _placeholderCount;

    private readonly PieceTexts _pieces;
    private float[] _scores;
    private PieceType[] _types;
    private readonly Dictionary<int, AddedToken> _flagged = [];
    private readonly List<int> _normalizedIds = [];

    /// <summary>Creates a builder that contains all pieces of a vocabulary.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="addedTokenCount">The estimated number of tokens that will be added, so that the arrays need not grow.</param>
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

    /// <summary>
    /// The id of a piece, or -1; if several pieces have this text, the lowest id. The pieces are searched one by one, because files name so few
    /// tokens that a table would not be worthwhile.
    /// </summary>
    public int Find(string? piece) => piece is null ? -1 : _pieces.IndexOf(piece);

    /// <summary>
    /// Adds a token that a file declares in addition to the base vocabulary. Ids between the last piece and this token are filled with placeholders.
    /// </summary>
    /// <returns>Whether the token was added. Some files of Llama 1 declare special tokens with empty names; these are ignored.</returns>
    /// <exception cref="ModelFormatException">The id is out of range, or belongs to another piece.</exception>
    public bool AddToken(AddedToken token)
    {
        (string source, int id, string content, bool isSpecial, bool isNormalized, string? flag) = token;
        if (id is < 0 or >= Vocabulary.MaxCount)
            throw new ModelFormatException(source, null, $"id of the added token '{content}'", Invariant($"{id:N0}"), Invariant($"it must be from 0 to {Vocabulary.MaxCount - 1:N0}"));
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
            // A byte piece or the unknown piece keeps its type.
            if (_types[id] is PieceType.Normal or PieceType.Unused || (isSpecial && _types[id] == PieceType.UserDefined))
                _types[id] = type;
            return true;
        }

        if (_types[id] != PieceType.Unused)
        {
            throw new ModelFormatException(
                source, null, Invariant($"added token {id:N0}"), $"'{content}'", $"the vocabulary has the piece '{PieceAt(id)}' there: the files are of different models");
        }

        // If the token replaces a placeholder, the number of ids without a piece decreases by one.
        if (_scores[id] == PlaceholderScore)
            _placeholderCount--;
        _pieces.Set(id, content);
        (_scores[id], _types[id]) = (AddedScore, type);
        NoteNormalized(id, isNormalized);
        return true;
    }

    /// <summary>
    /// Lengthens or shortens the vocabulary to the length of a model's embedding table: placeholders are appended, or added tokens that have no
    /// embedding are removed.
    /// </summary>
    /// <param name="source">The file, for error messages.</param>
    /// <param name="count">The number of rows of the table.</param>
    /// <exception cref="ModelFormatException">A piece that is not an added token has no embedding.</exception>
    public void Resize(string source, int count)
    {
        Pad(source, count, "rows of the table of embeddings", count);
        for (int id = Count - 1; id >= count; id--)
        {
            if (_scores[id] is not (AddedScore or PlaceholderScore))
                throw new ModelFormatException(source, null, "vocabulary size", Invariant($"{Count:N0}"), Invariant($"the model has embeddings for {count:N0} tokens: the folder mixes two models"));

            _pieces.RemoveLast();
        }
    }

    /// <summary>Creates the vocabulary. It uses the builder's arrays, so the builder must not be used afterwards.</summary>
    /// <param name="source">The file, for error messages.</param>
    /// <param name="options">The other properties of the vocabulary.</param>
    /// <param name="prefixesTokens">
    /// Whether a normalizer puts the dummy prefix in front of those added tokens to which it is applied, as it does in front of text.
    /// </param>
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
            // Text is never encoded as a control token, so for a control token it does not matter where its text would be found.
            if (id < vocabulary.Count && vocabulary.Types[id] == PieceType.UserDefined)
                throw new ModelFormatException(token.Source, null, Invariant($"{token.UnsupportedFlag} of the added token {id:N0}, '{token.Content}'"), "true", "only tokens that are found wherever their text occurs, and that do not include the spaces around it, are supported");
        }

        return vocabulary;
    }

    // This method is not called for a token of the base vocabulary, because such a token can still result from merges, and is found wherever its text
    // occurs.
    private void NoteNormalized(int id, bool isNormalized)
    {
        if (isNormalized)
            _normalizedIds.Add(id);
    }

    private void Pad(string source, int count, string field, int value)
    {
        _placeholderCount += Math.Max(0, count - Count);
        if (_placeholderCount > MaxPlaceholderCount)
            throw new ModelFormatException(source, null, field, Invariant($"{value:N0}"), Invariant($"the vocabulary ends at {Count - 1:N0}, and at most {MaxPlaceholderCount:N0} ids may lack a piece: the files are of different models"));
        while (Count < count)
            Add(Invariant($"[PAD{Count}]"), PlaceholderScore, PieceType.Unused);
    }
}
