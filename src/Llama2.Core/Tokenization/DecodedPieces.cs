namespace Llama2.Tokenization;

/// <summary>What each token decodes to, made once so that decoding an ordinary token hands out a string that exists. Thread-safe.</summary>
internal sealed class DecodedPieces
{
    /// <summary>
    /// Pieces of the largest vocabulary whose texts are made at once, so that decoding allocates nothing. It has as many as the fine-tunes with the most have.
    /// The texts of larger ones are made when they are first asked for: the strings of short pieces take ten times their bytes in a file.
    /// </summary>
    private const int MadeAtOnceCount = 131_072;

    private readonly Vocabulary _vocabulary;
    private readonly string?[] _texts;
    private readonly bool _hasPrefix;
    private readonly int _unknownId;
    // One more than the byte.
    private readonly short[] _bytes;

    public DecodedPieces(Vocabulary vocabulary)
    {
        RemovesLeadingSpaces = vocabulary.Options.RemoveExtraSpaces;
        _hasPrefix = vocabulary.Options.AddDummyPrefix || RemovesLeadingSpaces;
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

    /// <summary>Whether each token takes a space off its front until there is text, not only the first token the dummy prefix.</summary>
    public bool RemovesLeadingSpaces { get; }

    /// <summary>The token's text; for a byte beyond ASCII, empty: see <see cref="Byte"/>.</summary>
    public string Text(int id) => _texts[id] ??= Decode(id);

    /// <summary>The token's text where nothing comes before it: without the dummy prefix.</summary>
    /// <remarks>Only the first tokens of a text ask for it, so it is made when it is asked for.</remarks>
    public string TextAtStart(int id) => _hasPrefix && id != _unknownId && _bytes[id] == 0 && Text(id).StartsWith(' ') ? Text(id)[1..] : Text(id);

    /// <summary>The byte that the token stands for, or -1.</summary>
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
