using System.Globalization;
using System.Text;
using Llama2.Formats;
using Llama2.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Llama2;

/// <summary>
/// Llama 2's tokenizer: byte-pair encoding with byte fallback, which returns exactly the ids that SentencePiece returns. Text is only data: whatever
/// it contains, <see cref="Encode(string, bool, bool)"/> never returns a control token for it. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// This class is also a <see cref="Tokenizer"/> of Microsoft.ML.Tokenizers. The inherited methods add the begin-of-sequence and the end-of-sequence
/// token if the model's file says so; Llama 2's file says so only for the begin-of-sequence token. The offsets and indices of these methods count
/// characters of the normalized text.
/// </remarks>
public sealed partial class ModelTokenizer : Tokenizer
{
    /// <summary>The maximum length of a text in UTF-16 characters: 16,777,216.</summary>
    public const int MaxTextLength = 1 << 24;

    private readonly Vocabulary _vocabulary;
    private readonly TextEncoder _encoder;
    private readonly DecodedPieces _decodedPieces;
    private readonly PieceMatcher? _controlPieces;
    private readonly Lazy<PieceMatcher?> _specialPieces;

    private ModelTokenizer(Vocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        EndOfGenerationIds = Array.AsReadOnly(vocabulary.EndIds.ToArray());
        _infillTokens = new(() => vocabulary.Options.Infill ?? InfillNames.Find(vocabulary.Pieces));
        _encoder = new TextEncoder(vocabulary);
        _decodedPieces = new DecodedPieces(vocabulary);
        _controlPieces = PieceMatcher.Create(vocabulary, escapeSpaces: false, PieceType.Control);
        _specialPieces = new(() => PieceMatcher.Create(vocabulary, escapeSpaces: false, PieceType.Control, PieceType.UserDefined));
    }

    /// <summary>The number of tokens. Ids are 0 to this number minus one.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>The id of the token that starts a sequence (<c>&lt;s&gt;</c>, 1 in Llama 2), or -1 if there is none.</summary>
    public int BeginOfSequenceId => _vocabulary.Options.BeginOfSequenceId;

    /// <summary>Whether prompts start with the begin-of-sequence token; the vocabulary's file states this.</summary>
    public bool AddsBeginOfSequence => _vocabulary.Options.AddBeginOfSequence && BeginOfSequenceId >= 0;

    /// <summary>The id of the token that ends a sequence (<c>&lt;/s&gt;</c>, 2 in Llama 2), or -1 if there is none.</summary>
    public int EndOfSequenceId => _vocabulary.Options.EndOfSequenceId;

    /// <summary>
    /// The ids of the tokens that end a generation, each once; empty if there are none. The list begins with the end-of-sequence token if there is
    /// one. Then come the other end tokens that the model's files declare: GGUF's <c>eot_token_id</c> and <c>eom_token_id</c>, and
    /// <c>eos_token_id</c> in <c>generation_config.json</c> and <c>config.json</c>, which is a number or a list. The last are tokens that are named
    /// like the end tokens of published models, such as <c>&lt;|im_end|&gt;</c>.
    /// </summary>
    public IReadOnlyList<int> EndOfGenerationIds { get; }

    /// <summary>The id of the token for text that the vocabulary cannot express (<c>&lt;unk&gt;</c>, 0 in Llama 2), or -1 if there is none.</summary>
    public int UnknownId => _vocabulary.Options.UnknownId;

    /// <summary>
    /// Opens a tokenizer's own file: SentencePiece's <c>tokenizer.model</c>, llama2.c's <c>tokenizer.bin</c>, or Hugging Face's <c>tokenizer.json</c>
    /// with a tokenizer of Llama 2's kind. It also opens the vocabulary of a model: inside a GGUF file, in a folder, or beside a checkpoint. The
    /// format is detected from the content.
    /// </summary>
    /// <param name="path">The file or folder; the file of a tokenizer may have at most 64 MiB.</param>
    /// <exception cref="ModelFormatException">The file is malformed, or uses a feature that this library does not support.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <remarks>The method is synchronous because reading a vocabulary takes only milliseconds; no weights are read.</remarks>
    public static ModelTokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Create(TokenizerFile.Read(path));
    }

    /// <summary>Writes the vocabulary as SentencePiece's <c>tokenizer.model</c>. The file appears under its name only when it is complete.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <exception cref="ModelFormatException">The format cannot express the vocabulary: it has a piece without text, or two equal pieces.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <remarks>The method is synchronous because writing a vocabulary of about a megabyte takes milliseconds.</remarks>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] model = SentencePieceModelWriter.Write(_vocabulary, path);
        using var file = new AtomicFile(path);
        file.Stream.Write(model);
        file.Commit();
    }

    /// <summary>The pieces.</summary>
    internal Vocabulary Vocabulary => _vocabulary;

    /// <summary>Whether decoding drops a space at the start of a text, because encoding puts one there.</summary>
    internal bool DropsLeadingSpace => _decodedPieces.HasPrefix;

    /// <summary>Creates a tokenizer from a vocabulary that was read elsewhere, such as from a GGUF file.</summary>
    internal static ModelTokenizer Create(Vocabulary vocabulary) => new(vocabulary);

    /// <summary>
    /// Encodes a text as a prompt: the begin-of-sequence token is put in front if the model was trained that way (<see cref="AddsBeginOfSequence"/>).
    /// </summary>
    /// <inheritdoc cref="Encode(string, bool, bool)"/>
    public int[] Encode(string text) => Encode(text, AddsBeginOfSequence);

    /// <summary>Encodes a text as plain text: <c>&lt;s&gt;</c> in the text is encoded as three characters, not as a control token.</summary>
    /// <param name="text">The text, at most <see cref="MaxTextLength"/> characters; lone surrogates are treated as U+FFFD.</param>
    /// <param name="addBeginOfSequence">Whether to put <see cref="BeginOfSequenceId"/> first, even if the text is empty.</param>
    /// <param name="addEndOfSequence">Whether to put <see cref="EndOfSequenceId"/> last, even if the text is empty.</param>
    /// <returns>
    /// The ids. Unless the text is empty, a space (the dummy prefix) is put in front of it before it is encoded, as in the model's training.
    /// </returns>
    /// <exception cref="ArgumentException">The text is too long, or the vocabulary lacks the requested token.</exception>
    public int[] Encode(string text, bool addBeginOfSequence, bool addEndOfSequence = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        CheckHas(BeginOfSequenceId, addBeginOfSequence, nameof(addBeginOfSequence));
        CheckHas(EndOfSequenceId, addEndOfSequence, nameof(addEndOfSequence));
        CheckLength(text);

        var ids = new List<int>((text.Length / 3) + 2);
        if (addBeginOfSequence)
            ids.Add(BeginOfSequenceId);
        _encoder.Encode(text, addDummyPrefix: true, ids);
        if (addEndOfSequence)
            ids.Add(EndOfSequenceId);
        return [.. ids];
    }

    /// <summary>Encodes a piece of a prompt as plain text and appends its ids; adds no begin- or end-of-sequence token.</summary>
    /// <param name="text">The text, at most <see cref="MaxTextLength"/> characters.</param>
    /// <param name="destination">The list to which the ids are appended.</param>
    /// <param name="addDummyPrefix">False if the text continues a previous text, so that no space is put in front.</param>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public void Encode(ReadOnlySpan<char> text, List<int> destination, bool addDummyPrefix = true)
    {
        ArgumentNullException.ThrowIfNull(destination);
        CheckLength(text);
        _encoder.Encode(text, addDummyPrefix, destination);
    }

    /// <inheritdoc cref="TextNormalizer.Normalize"/>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    internal NormalizedText NormalizePrompt(ReadOnlySpan<char> text, bool isStart)
    {
        CheckLength(text);
        return _encoder.NormalizePrompt(text, isStart);
    }

    /// <inheritdoc cref="TextEncoder.EncodePrompt"/>
    internal void EncodePrompt(ReadOnlySpan<char> normalized, ReadOnlySpan<TextRange> data, List<int> ids, List<int>? ends) =>
        _encoder.EncodePrompt(normalized, data, ids, ends);

    /// <summary>
    /// Encodes a text in which the vocabulary's control pieces, such as <c>&lt;s&gt;</c>, are encoded as control tokens. Use this method only for
    /// text that the program itself wrote, such as the tags of a chat template. A user's words in the text could imitate the tags and so forge turns
    /// of the conversation.
    /// </summary>
    /// <remarks>
    /// The text is split at its control pieces, from left to right; where several match, the longest is used. Each part between them is encoded
    /// separately, so that no token spans a control piece. The first part that is not empty gets the dummy prefix, even after a leading control
    /// piece; later parts get none. (So <c>&lt;s&gt;[INST]</c> gives the same tokens as the begin-of-sequence token followed by the encoded text
    /// <c>[INST]</c>. In Meta's chat format, every turn is encoded separately and gets a dummy prefix; for this, call
    /// <see cref="Encode(string, bool, bool)"/> for each turn.) Control tokens come only from the text; none are added. The unknown piece is not a
    /// control piece.
    /// </remarks>
    /// <param name="text">The text, at most <see cref="MaxTextLength"/> characters.</param>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public int[] EncodeWithControlTokens(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        CheckLength(text);
        var ids = new List<int>((text.Length / 3) + 2);
        int[] controls = FindControlTokens(text);

        bool isFirstPart = true;
        int partStart = 0;
        for (int i = 0; i < controls.Length; i++)
        {
            if (controls[i] < 0)
                continue;
            EncodePart(text.AsSpan(partStart, i - partStart));
            ids.Add(controls[i]);
            partStart = i + _vocabulary.Pieces.Length(controls[i]);
            i = partStart - 1;
        }

        EncodePart(text.AsSpan(partStart));
        return [.. ids];

        void EncodePart(ReadOnlySpan<char> part)
        {
            _encoder.Encode(part, isFirstPart, ids);
            isFirstPart &= part.IsEmpty;
        }
    }

    /// <summary>
    /// Decodes tokens as SentencePiece does. Control tokens have no text. Each byte that is not part of a character becomes U+FFFD. The unknown token
    /// becomes U+2047 between spaces. The dummy prefix is removed from the first piece.
    /// </summary>
    /// <param name="tokens">Token ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new StringBuilder(tokens.Length * 4);
        StreamingDecoder decoder = CreateStreamingDecoder();
        foreach (int token in tokens)
            text.Append(decoder.Append(token));
        return text.Append(decoder.Flush()).ToString();
    }

    /// <summary>Creates a decoder for tokens that arrive one by one.</summary>
    /// <param name="keepLeadingSpace">
    /// True if the tokens continue a previous text, such as a completion after its prompt: the space of the first token is then part of the text. If
    /// false (the default), that space is treated as the dummy prefix and removed, as <see cref="Decode(ReadOnlySpan{int})"/> does.
    /// </param>
    public StreamingDecoder CreateStreamingDecoder(bool keepLeadingSpace = false) => new(_decodedPieces, keepLeadingSpace);

    /// <summary>
    /// The token's text as the vocabulary spells it: U+2581 stands for a space, <c>&lt;0x0A&gt;</c> is a byte token, and <c>&lt;s&gt;</c> a control
    /// token.
    /// </summary>
    /// <param name="token">A token's id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public string GetTokenText(int token) => _vocabulary.Pieces[CheckToken(token)];

    /// <summary>Whether a token is a control token, which has no text.</summary>
    /// <param name="token">A token's id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public bool IsControl(int token) => _vocabulary.Types[CheckToken(token)] == PieceType.Control;

    /// <summary>Whether generation stops at a token, that is, whether it is one of <see cref="EndOfGenerationIds"/>.</summary>
    /// <param name="token">A token's id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public bool IsEndOfGeneration(int token) => _vocabulary.IsEnd(CheckToken(token));

    private int CheckToken(int token)
    {
        return (uint)token < (uint)VocabularySize
            ? token
            : throw new ArgumentOutOfRangeException(
                nameof(token), token, string.Create(CultureInfo.InvariantCulture, $"A token id must be from 0 to {VocabularySize - 1:N0}."));
    }

    private static void CheckHas(int id, bool isAsked, string parameterName)
    {
        if (isAsked && id < 0)
            throw new ArgumentException("The vocabulary has no such token; pass false.", parameterName);
    }

    private static void CheckLength(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxTextLength)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The text has {text.Length:N0} characters; at most {MaxTextLength:N0} are allowed. Encode it in parts."),
                nameof(text));
        }
    }
}
