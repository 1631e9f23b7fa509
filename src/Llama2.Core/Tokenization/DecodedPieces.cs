namespace Llama2.Tokenization;

/// <summary>What each token decodes to, made once so that decoding an ordinary token hands out a string that exists. Immutable.</summary>
internal sealed class DecodedPieces
{
    private readonly string[] _texts;
    private readonly string[] _textsAtStart;
    private readonly short[] _bytes;

    public DecodedPieces(Vocabulary vocabulary)
    {
        RemovesLeadingSpaces = vocabulary.Options.RemoveExtraSpaces;
        _texts = new string[vocabulary.Count];
        _textsAtStart = new string[vocabulary.Count];
        _bytes = new short[vocabulary.Count];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            _bytes[id] = -1;
            string text = Decode(vocabulary, id);
            bool startsWithPrefix = (vocabulary.Options.AddDummyPrefix || RemovesLeadingSpaces) && id != vocabulary.Options.UnknownId && text.StartsWith(' ');
            _texts[id] = text;
            _textsAtStart[id] = startsWithPrefix ? text[1..] : text;
        }

        for (int value = 0; value < vocabulary.ByteIds.Length; value++)
        {
            int id = vocabulary.ByteIds[value];
            _bytes[id] = (short)value;
            _texts[id] = _textsAtStart[id] = value < 0x80 ? ((char)value).ToString() : "";
        }
    }

    public int Count => _texts.Length;

    /// <summary>Whether each token takes a space off its front until there is text, not only the first token the dummy prefix.</summary>
    public bool RemovesLeadingSpaces { get; }

    /// <summary>The token's text; for a byte beyond ASCII, empty: see <see cref="Byte"/>.</summary>
    public string Text(int id) => _texts[id];

    /// <summary>The token's text where nothing comes before it: without the dummy prefix.</summary>
    public string TextAtStart(int id) => _textsAtStart[id];

    /// <summary>The byte that the token stands for, or -1.</summary>
    public int Byte(int id) => _bytes[id];

    private static string Decode(Vocabulary vocabulary, int id)
    {
        if (vocabulary.Types[id] == PieceType.Control)
            return "";
        // Replace gives the piece's own string back where it holds no escaped space.
        return id == vocabulary.Options.UnknownId
            ? vocabulary.Options.UnknownText
            : vocabulary.Pieces[id].Replace(Vocabulary.EscapedSpace, ' ');
    }
}
