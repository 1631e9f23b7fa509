namespace Llama2.Tokenization;

/// <summary>The decoded text of each token, computed once, so that decoding an ordinary token returns an existing string. Thread-safe.</summary>
internal sealed class DecodedPieces
{
    /// <summary>
    /// Up to this vocabulary size, all texts are created at once, so that decoding allocates nothing; no fine-tune of Llama 2 has a larger
    /// vocabulary. The texts of larger vocabularies are created when they are first needed, because a string for a short piece takes ten times the
    /// piece's size in the file.
    /// </summary>
    private const int MadeAtOnceCount = 131_072;

    private readonly Vocabulary _vocabulary;
    private readonly string?[] _texts;
    private readonly int _unknownId;
    // For each token that stands for a byte, the value of this byte plus one; 0 for any other token.
    private readonly short[] _bytes;

    public DecodedPieces(Vocabulary vocabulary)
    {
        RemovesLeadingSpaces = vocabulary.Options.RemoveExtraSpaces;
        HasPrefix = vocabulary.Options.AddDummyPrefix || RemovesLeadingSpaces;
        _unknownId = vocabulary.Options.UnknownId;
        _vocabulary = vocabulary;
        _texts = new string?[vocabulary.Count];
        _bytes = new short[vocabulary.Count];
        for (int value = 0; value < vocabulary.ByteIds.Length; value++)
        {
            int id = vocabulary.ByteIds[value];
            _bytes[id] = (short)(value + 1);
            _texts[id] = value < 0x80 ? ((char)value).ToString() : "";
        }

        for (int id = 0; id < vocabulary.Count && vocabulary.Count <= MadeAtOnceCount; id++)
            _texts[id] ??= Decode(id);
    }

    public int Count => _texts.Length;

    /// <summary>
    /// Whether leading spaces are removed from every token, up to and including the first token that has text other than spaces. Otherwise only the
    /// dummy prefix is removed, from the first token.
    /// </summary>
    public bool RemovesLeadingSpaces { get; }

    /// <summary>Whether the first space of a text is the dummy prefix, which encoding adds.</summary>
    public bool HasPrefix { get; }

    /// <summary>The token's text. Empty for the token of a byte beyond ASCII; <see cref="Byte"/> returns this byte.</summary>
    public string Text(int id) => _texts[id] ??= Decode(id);

    /// <summary>The token's text, without the dummy prefix, for a token that is the first of a text.</summary>
    /// <remarks>The string is created at each call, because only the first tokens of a text need it.</remarks>
    public string TextAtStart(int id) => HasPrefix && id != _unknownId && _bytes[id] == 0 && Text(id).StartsWith(' ') ? Text(id)[1..] : Text(id);

    /// <summary>The byte that the token represents, or -1.</summary>
    public int Byte(int id) => _bytes[id] - 1;

    private string Decode(int id)
    {
        if (_vocabulary.Types[id] == PieceType.Control)
            return "";
        if (id == _unknownId)
            return _vocabulary.Options.UnknownText;

        ReadOnlySpan<char> piece = _vocabulary.Pieces.Span(id);
        return piece.Contains(Vocabulary.EscapedSpace)
            ? string.Create(piece.Length, piece, static (text, piece) => piece.Replace(text, Vocabulary.EscapedSpace, ' '))
            : _vocabulary.Pieces[id];
    }
}
