using System.Globalization;
using System.Text;

namespace Llama2.Tokenization;

/// <summary>
/// The pieces of a SentencePiece vocabulary with their scores and types, checked once, so that the encoder and decoder can rely on them. Immutable.
/// Spaces in pieces are U+2581, as in SentencePiece's models.
/// </summary>
internal sealed class Vocabulary
{
    /// <summary>
    /// The maximum number of pieces. Llama 2 has 32,000 and its fine-tunes slightly more; the largest vocabularies of other model families have
    /// exactly this number.
    /// </summary>
    public const int MaxCount = 262_144;

    public const int MaxPieceByteSize = 4096;
    public const char EscapedSpace = '\u2581';

    /// <summary>
    /// The maximum number of characters of all control and user-defined pieces together. The matchers of these pieces take 14 bytes for each
    /// character, so with this limit their memory stays within four times the size of the file plus 16 MiB.
    /// </summary>
    public const int MaxMatchedLength = 3 << 18;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly PieceTexts _pieces;
    private readonly float[] _scores;
    private readonly PieceType[] _types;
    private readonly int[] _byteIds;
    private readonly int[] _endIds;
    private readonly bool[] _areEnds;
    private readonly bool[] _arePrefixed;

    private Vocabulary(PieceTexts pieces, float[] scores, PieceType[] types, int[] byteIds, VocabularyOptions options)
    {
        _pieces = pieces;
        _scores = scores;
        _types = types;
        _byteIds = byteIds;
        _endIds = EndTokens.Find(pieces, options, out _areEnds);
        _arePrefixed = options.PrefixedIds.Count > 0 ? new bool[pieces.Count] : [];
        foreach (int id in options.PrefixedIds)
            _arePrefixed[id] = true;
        Options = options;
    }

    public int Count => _pieces.Count;

    public PieceTexts Pieces => _pieces;

    public ReadOnlySpan<float> Scores => _scores;

    public ReadOnlySpan<PieceType> Types => _types;

    /// <summary>The 256 ids of the byte pieces, or empty if the vocabulary has none.</summary>
    public ReadOnlySpan<int> ByteIds => _byteIds;

    /// <summary>The ids of the tokens that end a generation; the end-of-sequence token is first if there is one. May be empty.</summary>
    public ReadOnlySpan<int> EndIds => _endIds;

    /// <summary>Whether a token of the vocabulary is one of <see cref="EndIds"/>.</summary>
    public bool IsEnd(int id) => _areEnds[id];

    /// <summary>Whether a piece includes the space before it: see <see cref="VocabularyOptions.PrefixedIds"/>.</summary>
    public bool IsPrefixed(int id) => _arePrefixed.Length > 0 && _arePrefixed[id];

    /// <summary>The text that a user-defined piece has in normalized text.</summary>
    public string NormalizedPiece(int id)
    {
        string piece = _pieces.Span(id).ToString().Replace(' ', EscapedSpace);
        return IsPrefixed(id) ? EscapedSpace + piece : piece;
    }

    /// <summary>The options, with <see cref="VocabularyOptions.UnknownId"/> resolved.</summary>
    public VocabularyOptions Options { get; }

    /// <summary>
    /// Checks the parts of a vocabulary and creates it. The arrays are kept and not copied, so the caller must not change them afterwards.
    /// </summary>
    /// <param name="source">The file, for error messages.</param>
    /// <param name="pieces">
    /// The texts of the pieces, with U+2581 for spaces. An empty piece is never used for encoding; of pieces with equal texts, the one with the
    /// lowest id is used.
    /// </param>
    /// <param name="scores">One score for each piece, not NaN; pieces with higher scores merge earlier. Never modified.</param>
    /// <param name="types">One type for each piece. The types of the special tokens are corrected in this array, if necessary.</param>
    /// <param name="options">Special ids and defaults.</param>
    /// <exception cref="ModelFormatException">The parts contradict each other or exceed a limit.</exception>
    public static Vocabulary Create(string source, PieceTexts pieces, float[] scores, PieceType[] types, VocabularyOptions options)
    {
        CheckCounts(source, pieces.Count, scores.Length, types.Length);
        CheckId(source, "begin-of-sequence id", options.BeginOfSequenceId, pieces.Count);
        CheckId(source, "end-of-sequence id", options.EndOfSequenceId, pieces.Count);
        CheckId(source, "unknown id", options.UnknownId, pieces.Count);

        MakeControl(types, options.BeginOfSequenceId);
        MakeControl(types, options.EndOfSequenceId);
        CheckPieces(source, pieces, scores, types);

        options = options with { UnknownId = FindUnknown(source, types, options.UnknownId) };
        int[] byteIds = FindBytes(source, pieces, types);
        if (byteIds.Length == 0 && options.UnknownId < 0)
            throw Fault(source, "unknown id", "-1", "a vocabulary without byte pieces needs an unknown piece for the characters it lacks");
        return new Vocabulary(pieces, scores, types, byteIds, options);
    }

    /// <summary>Parses <c>&lt;0xHH&gt;</c> with exactly two hexadecimal digits. Returns false for anything else, such as digits with a sign.</summary>
    public static bool TryParseByte(ReadOnlySpan<char> piece, out byte value)
    {
        value = 0;
        return piece.Length == 6 && piece.StartsWith("<0x") && piece[5] == '>'
            && byte.TryParse(piece[3..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>
    /// Makes the begin and end tokens control tokens even if a file declares them as text, because no text may be encoded as these tokens.
    /// </summary>
    private static void MakeControl(PieceType[] types, int id)
    {
        if (id >= 0 && types[id] is PieceType.Normal or PieceType.UserDefined or PieceType.Unused)
            types[id] = PieceType.Control;
    }

    private static void CheckCounts(string source, int pieceCount, int scoreCount, int typeCount)
    {
        if (pieceCount is < 1 or > MaxCount)
            throw Fault(source, "vocabulary size", Text(pieceCount), $"1 to {Text(MaxCount)} pieces are allowed");
        if (scoreCount != pieceCount)
            throw Fault(source, "score count", Text(scoreCount), $"there must be one score for each of the {Text(pieceCount)} pieces");
        if (typeCount != pieceCount)
            throw Fault(source, "piece type count", Text(typeCount), $"there must be one type for each of the {Text(pieceCount)} pieces");
    }

    private static void CheckId(string source, string field, int id, int count)
    {
        if (id < -1 || id >= count)
            throw Fault(source, field, Text(id), $"it must be -1 (none) or below the vocabulary size {Text(count)}");
    }

    private static void CheckPieces(string source, PieceTexts pieces, float[] scores, PieceType[] types)
    {
        long matchedLength = 0;
        for (int id = 0; id < pieces.Count; id++)
        {
            if (!FitsPiece(pieces.Span(id)))
            {
                throw Fault(source, $"piece {Text(id)}", pieces[id], $"a piece must be well-formed Unicode of at most {Text(MaxPieceByteSize)} bytes of UTF-8");
            }

            if (float.IsNaN(scores[id]))
                throw Fault(source, $"score of piece {Text(id)}", "NaN", "merges are ordered by score, so it must be a number");
            if (types[id] is < PieceType.Normal or > PieceType.Byte)
                throw Fault(source, $"type of piece {Text(id)}", Text((int)types[id]), "it must be from 1 (normal) to 6 (byte)");
            matchedLength += types[id] is PieceType.Control or PieceType.UserDefined ? pieces.Length(id) : 0;
        }

        if (matchedLength > MaxMatchedLength)
            throw Fault(source, "text of control and user-defined pieces", FormattableString.Invariant($"{matchedLength:N0} characters"), $"at most {Text(MaxMatchedLength)} are allowed");
    }

    private static bool FitsPiece(ReadOnlySpan<char> piece)
    {
        if (piece.Length > MaxPieceByteSize)
            return false;
        try
        {
            return _strictUtf8.GetByteCount(piece) <= MaxPieceByteSize;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static int FindUnknown(string source, PieceType[] types, int givenId)
    {
        int found = -1;
        for (int id = 0; id < types.Length; id++)
        {
            if (types[id] != PieceType.Unknown)
                continue;
            if (found >= 0)
                throw Fault(source, $"type of piece {Text(id)}", "unknown", $"piece {Text(found)} is the unknown piece already");
            found = id;
        }

        if (found >= 0 && givenId >= 0 && givenId != found)
            throw Fault(source, "unknown id", Text(givenId), $"piece {Text(found)} is typed as the unknown piece");
        return found >= 0 ? found : givenId;
    }

    private static int[] FindBytes(string source, PieceTexts pieces, PieceType[] types)
    {
        var ids = new int[256];
        Array.Fill(ids, -1);
        int found = 0;
        for (int id = 0; id < pieces.Count; id++)
        {
            if (types[id] != PieceType.Byte)
                continue;
            if (!TryParseByte(pieces.Span(id), out byte value))
                throw Fault(source, $"byte piece {Text(id)}", pieces[id], "a byte piece must be <0x, two hexadecimal digits and >");
            if (ids[value] >= 0)
                throw Fault(source, $"byte piece {Text(id)}", pieces[id], $"piece {Text(ids[value])} stands for the same byte");
            ids[value] = id;
            found++;
        }

        if (found is not 0 and not 256)
            throw Fault(source, "byte piece count", Text(found), "there must be all 256 byte pieces, or none for a vocabulary without byte fallback");
        return found == 0 ? [] : ids;
    }

    private static string Text(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static ModelFormatException Fault(string source, string field, string value, string limit) => new(source, null, field, value, limit);
}
