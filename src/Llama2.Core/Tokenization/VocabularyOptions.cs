namespace Llama2.Tokenization;

/// <summary>The properties of a vocabulary other than its pieces. An id of -1 means that there is no such token.</summary>
internal sealed record VocabularyOptions
{
    /// <summary>The text to which SentencePiece decodes the unknown piece: U+2047 between spaces.</summary>
    public const string DefaultUnknownText = " \u2047 ";

    public int BeginOfSequenceId { get; init; } = -1;

    public int EndOfSequenceId { get; init; } = -1;

    /// <summary>
    /// The ids of tokens that end a generation, in addition to the end-of-sequence token. Ids that are not in the vocabulary are ignored.
    /// <see cref="Vocabulary.EndIds"/> contains these tokens and those that are found by name.
    /// </summary>
    public IReadOnlyList<int> OtherEndIds { get; init; } = [];

    /// <summary>The id of the unknown piece. If it is -1, the piece with the type <see cref="PieceType.Unknown"/> is used, if there is one.</summary>
    public int UnknownId { get; init; } = -1;

    /// <summary>The tokens for filling a gap, as the file states them. Null if it states none; such tokens may then be found by their names.</summary>
    public InfillTokens? Infill { get; init; }

    /// <summary>Whether a space is put in front of text before it is encoded (GGUF: <c>tokenizer.ggml.add_space_prefix</c>).</summary>
    public bool AddDummyPrefix { get; init; } = true;

    /// <summary>Whether a prompt starts with the begin-of-sequence token unless the caller specifies otherwise.</summary>
    public bool AddBeginOfSequence { get; init; } = true;

    /// <summary>Whether a prompt ends with the end-of-sequence token unless the caller specifies otherwise.</summary>
    public bool AddEndOfSequence { get; init; }

    /// <summary>
    /// Whether spaces at both ends of a text are removed, and consecutive spaces replaced by one. This is SentencePiece's default, but Llama's own
    /// models do not use it (GGUF: <c>tokenizer.ggml.remove_extra_whitespaces</c>).
    /// </summary>
    public bool RemoveExtraSpaces { get; init; }

    /// <summary>How text is normalized before spaces are escaped (GGUF: <c>tokenizer.ggml.precompiled_charsmap</c>); null leaves it unchanged.</summary>
    public CharacterMap? CharacterMap { get; init; }

    /// <summary>The order in which pairs of pieces are merged; null if the scores of the pieces determine it.</summary>
    public MergeRanks? Merges { get; init; }

    /// <summary>
    /// The ids, in ascending order, of user-defined pieces that are found only after a space or the dummy prefix, which then belongs to the token.
    /// These are the tokens of a <c>tokenizer.json</c> that its normalizer changes (<c>"normalized": true</c>), if this normalizer puts U+2581 before
    /// every text.
    /// </summary>
    public IReadOnlyList<int> PrefixedIds { get; init; } = [];

    /// <summary>The decoded text of the unknown token.</summary>
    public string UnknownText { get; init; } = DefaultUnknownText;
}
