namespace Llama2.Tokenization;

/// <summary>What each token decodes to, made once so that decoding an ordinary token hands out a string that exists. Immutable.</summary>
internal sealed class DecodedPieces
{
    private readonly string[] _texts;
    private readonly bool _hasPrefix;
    private readonly int _unknownId;
    private readonly short[] _bytes;

    public DecodedPieces(Vocabulary vocabulary)
    {
        RemovesLeadingSpaces = vocabulary.Options.RemoveExtraSpaces;
        _hasPrefix = vocabulary.Options.AddDummyPrefix || RemovesLeadingSpaces;
        _unknownId = vocabulary.Options.UnknownId;
        _texts = new string[vocabulary.Count];
        _bytes = new short[vocabulary.Count];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            _bytes[id] = -1;
            _texts[id] = Decode(vocabulary, id);
        }

        for (int value = 0; value < vocabulary.ByteIds.Length; value++)
        {
            int id = vocabulary.ByteIds[value];
            _bytes[id] = (short)value;
            _texts[id] = value < 0x80 ? ((char)value).ToString() : "";
        }
    }

    public int Count => _texts.Length;

    /// <summary>Whether each token takes a space off its front until there is text, not only the first token the dummy prefix.</summary>
    public bool RemovesLeadingSpaces { get; }

    /// <summary>The token's text; for a byte beyond ASCII, empty: see <see cref="Byte"/>.</summary>
    public string Text(int id) => _texts[id];

    /// <summary>The token's text where nothing comes before it: without the dummy prefix.</summary>
    /// <remarks>Only the first tokens of a text ask for it, so it is made when it is asked for.</remarks>
    public string TextAtStart(int id) => _hasPrefix && id != _unknownId && _bytes[id] < 0 && _texts[id].StartsWith(' ') ? _texts[id][1..] : _texts[id];

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
