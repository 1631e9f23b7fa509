using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c> if it is of Llama 2's kind: byte-pair encoding with byte fallback, applied to text whose spaces are
/// replaced by U+2581. Other models, normalizers and pre-tokenizers are refused, and the error message names them.
/// </summary>
internal sealed class TokenizerJsonReader
{
    private const string EscapedSpace = "\u2581";
    private readonly TokenizerJson _json;
    private readonly JsonFields _root;
    private readonly JsonFields _model;
    private bool _escapesSpaces;
    private bool _addsDummyPrefix;

    private TokenizerJsonReader(TokenizerJson json)
    {
        _json = json;
        _root = json.Root;
        _model = _root.GetObject("model");
    }

    /// <summary>Reads the vocabulary with the tokens that the file adds to it.</summary>
    /// <exception cref="ModelFormatException">The file is damaged or of another kind.</exception>
    public static Vocabulary Read(TokenizerJson json)
    {
        Vocabulary vocabulary = ReadWithoutAddedTokens(json);
        var builder = new VocabularyBuilder(vocabulary, json.AddedTokenCount);
        try
        {
            AddedTokenReader reader = json.AddedTokens();
            while (reader.Read(out AddedToken token))
                builder.AddToken(token);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw TokenizerJson.Malformed(json.Path, exception);
        }

        return builder.Build(json.Path, vocabulary.Options, PrefixesTokens(json));
    }

    /// <summary>Reads the base vocabulary, for a caller that adds the tokens of several files to it.</summary>
    /// <exception cref="ModelFormatException">The file is damaged or of another kind.</exception>
    public static Vocabulary ReadWithoutAddedTokens(TokenizerJson json)
    {
        JsonFields root = json.Root;
        var reader = new TokenizerJsonReader(json);
        reader.CheckModel();
        reader.ReadNormalizer(root.FindObject("normalizer"));
        reader.ReadPreTokenizer(root.FindObject("pre_tokenizer"));
        if (!reader._escapesSpaces)
            throw root.Fault("normalizer", "one that leaves spaces", "it must write spaces as U+2581, as Llama's does; other tokenizers are not supported");
        try
        {
            return reader.ReadVocabulary();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw TokenizerJson.Malformed(json.Path, exception);
        }
    }

    /// <summary>
    /// Whether the normalizer puts a space in front of text. Such a normalizer also puts a space in front of the added tokens to which it is applied.
    /// (A pre-tokenizer may put a space in front of text too, but it is not applied to added tokens.)
    /// </summary>
    /// <exception cref="ModelFormatException">The normalizer is malformed.</exception>
    public static bool PrefixesTokens(TokenizerJson json) =>
        Steps(json.Root.FindObject("normalizer"), "normalizers").Any(step => step.FindString("type") == "Prepend");

    private void CheckModel()
    {
        string type = _model.FindString("type") ?? "BPE";
        if (type != "BPE")
            throw _model.Fault("type", $"'{type}'", "only 'BPE' is supported, which Llama 2 uses");
        if (_model.FindBoolean("byte_fallback") != true)
            throw _model.Fault("byte_fallback", "not true", "it must be true: Llama's tokenizer encodes unknown characters as bytes");
        if (_model.FindBoolean("ignore_merges") == true)
            throw _model.Fault("ignore_merges", "true", "it must be false: Llama 2's tokenizer always merges");
        foreach (string name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (!string.IsNullOrEmpty(_model.FindString(name)))
                throw _model.Fault(name, $"'{_model.FindString(name)}'", "it must be absent or empty, as in Llama 2's tokenizer");
        }
    }

    private void ReadNormalizer(JsonFields? normalizer)
    {
        foreach (JsonFields step in Steps(normalizer, "normalizers"))
        {
            switch (step.FindString("type"))
            {
                case "Prepend" when step.FindString("prepend") == EscapedSpace:
                    _addsDummyPrefix = true;
                    break;
                case "Replace" when step.FindObject("pattern")?.FindString("String") == " " && step.FindString("content") == EscapedSpace:
                    _escapesSpaces = true;
                    break;
                case var type:
                    throw step.Fault("type", $"'{type}'", "only Llama's normalizer is supported, which writes spaces as U+2581 and puts one in front");
            }
        }
    }

    private void ReadPreTokenizer(JsonFields? preTokenizer)
    {
        foreach (JsonFields step in Steps(preTokenizer, "pretokenizers"))
        {
            if (step.FindString("type") is not "Metaspace" and var type)
                throw step.Fault("type", $"'{type}'", "only 'Metaspace' is supported: the tokenizer is not of Llama 2's kind");
            if (step.FindString("replacement") != EscapedSpace || step.FindBoolean("split") != false)
                throw step.Fault("split", "not false", "it must be false: Llama 2's tokenizer does not split text at spaces");
            _escapesSpaces = true;
            string scheme = step.FindString("prepend_scheme") ?? (step.FindBoolean("add_prefix_space") == false ? "never" : "always");
            _addsDummyPrefix |= scheme != "never";
        }
    }

    // The value of the member is null, a single step, or a sequence of steps.
    private static IEnumerable<JsonFields> Steps(JsonFields? step, string member) =>
        step is null ? []
        : step.FindString("type") == "Sequence" ? step.FindObjects(member) ?? throw step.Missing(member)
        : [step];

    private Vocabulary ReadVocabulary()
    {
        (PieceTexts pieces, PieceTable ids, PieceType[] types) = ReadPieces();
        string? unknown = _model.FindString("unk_token");
        for (int id = 0; id < pieces.Count; id++)
        {
            types[id] = unknown is not null && pieces.Span(id).SequenceEqual(unknown) ? PieceType.Unknown
                : Vocabulary.TryParseByte(pieces.Span(id), out _) ? PieceType.Byte
                : PieceType.Normal;
        }

        AddedTokenReader reader = _json.AddedTokens();
        while (reader.Read(out AddedToken token, pieces.Count))
        {
            (_, int id, string content, bool isSpecial, _, _) = token;
            if (id >= 0 && types[id] == PieceType.Normal && pieces.Span(id).SequenceEqual(content))
                types[id] = isSpecial ? PieceType.Control : PieceType.UserDefined;
        }

        if (_model.FindArray("merges") is null)
            throw _model.Missing("merges");
        var merges = new MergeTable(_json, pieces, ids, types);
        (bool addsBegin, bool addsEnd) = ReadTemplate();
        return Vocabulary.Create(_root.Path, pieces, merges.Scores, types, new VocabularyOptions
        {
            Merges = merges.Ranks,
            UnknownId = unknown is null ? -1 : ids.Find(unknown),
            BeginOfSequenceId = ids.Find("<s>"),
            EndOfSequenceId = ids.Find("</s>"),
            AddDummyPrefix = _addsDummyPrefix,
            AddBeginOfSequence = addsBegin,
            AddEndOfSequence = addsEnd,
        });
    }

    private (PieceTexts Pieces, PieceTable Ids, PieceType[] Types) ReadPieces()
    {
        _model.GetObject("vocab");
        // Pieces are counted first, because a table that grows while it is filled would take three times the memory of a table that has the right size at once.
        int count = CountPieces(_json.Vocabulary(), out int byteSize);
        var pieces = new PieceTexts(count, byteSize);
        var ids = new PieceTable(pieces, count);
        // An element is nonzero once the piece with this id has been read.
        var types = new PieceType[count];
        Utf8JsonReader json = _json.Vocabulary();
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string piece = json.GetString()!;
            json.Read();
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out int id) || id is < 0 or >= Vocabulary.MaxCount)
                throw Fault(piece, JsonFields.Describe(json), Invariant($"an id must be a whole number below {Vocabulary.MaxCount:N0}"));
            if (ids.Find(piece) >= 0)
                throw Fault(piece, Invariant($"{id:N0}"), "the vocabulary has this piece already");
            // If all ids are distinct and below the number of pieces, they have no gaps.
            if (id >= count)
                throw _model.Fault("vocab", Invariant($"{count:N0} pieces"), "their ids must start at 0 and have no gaps: the file is damaged");
            if (types[id] != 0)
                throw Fault(piece, Invariant($"{id:N0}"), $"'{pieces[id]}' has this id too");
            types[id] = PieceType.Normal;
            pieces.Set(id, piece);
            ids.TryAdd(id);
        }

        return count > 0
            ? (pieces, ids, types)
            : throw _model.Fault("vocab", "0 pieces", "a vocabulary must have some: the file is damaged");

        ModelFormatException Fault(string piece, string value, string limit) => _model.Fault($"vocab.{piece}", value, limit);
    }

    // An escape sequence is never shorter than the text that it stands for, so byteSize is an upper limit for the size of the texts.
    private static int CountPieces(Utf8JsonReader json, out int byteSize)
    {
        int count = byteSize = 0;
        while (json.Read() && count < Vocabulary.MaxCount)
        {
            if (json.TokenType == JsonTokenType.PropertyName)
                (count, byteSize) = (count + 1, byteSize + json.ValueSpan.Length);
        }

        return count;
    }

    // Reads which tokens are put before and after a text: {"single":[{"SpecialToken":…},{"Sequence":…}]}. Without a template, the begin-of-sequence
    // token is put before the text, as for Llama.
    private (bool AddsBegin, bool AddsEnd) ReadTemplate()
    {
        if (_root.FindObject("post_processor") is not { } processor)
            return (true, false);
        if (processor.FindString("type") != "TemplateProcessing" || processor.FindObjects("single") is not { } single)
            return (true, false);

        bool[] isText = [.. single.Select(part => part.Find("Sequence") is not null)];
        int text = Array.IndexOf(isText, true);
        return text < 0 ? throw processor.Fault("single", "without the text", "the template must have a place for the text") : (text > 0, text < isText.Length - 1);
    }
}
