using System.Globalization;
using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>
/// The tokenizer of a Hugging Face folder: the pieces of <c>tokenizer.model</c> or <c>tokenizer.json</c>, and the properties of tokens in
/// <c>tokenizer_config.json</c>,
/// <c>added_tokens.json</c>, <c>special_tokens_map.json</c>, <c>generation_config.json</c> and <c>config.json</c>.
/// </summary>
internal sealed class HuggingFaceTokenizer
{
    private const int MaxByteSize = 16 << 20;
    // The longest published templates have tens of kilobytes.
    private const int MaxTemplateByteSize = 1 << 20;
    private const int MaxNamelessWarningCount = 16;
    private readonly string _folder;
    private readonly List<string> _warnings = [];
    private readonly JsonFields? _configuration;
    private readonly JsonFields? _specialTokens;
    private int _namelessCount;

    /// <param name="folder">The folder.</param>
    public HuggingFaceTokenizer(string folder)
    {
        _folder = folder;
        _configuration = Find("tokenizer_config.json");
        _specialTokens = Find("special_tokens_map.json");
    }

    /// <summary>One sentence for each setting that <see cref="Read"/> found in the files and ignored.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Whether the folder has a vocabulary.</summary>
    public bool Exists => File.Exists(ModelPath) || File.Exists(JsonPath);

    private string ModelPath => Path.Combine(_folder, "tokenizer.model");

    private string JsonPath => Path.Combine(_folder, "tokenizer.json");

    /// <summary>Reads the vocabulary.</summary>
    /// <param name="embeddingCount">
    /// The number of rows of the model's embedding table. The vocabulary is lengthened or shortened to this size; null leaves it unchanged.
    /// </param>
    /// <exception cref="ModelFormatException">A file is malformed, missing, or of a kind that is not supported.</exception>
    public Vocabulary Read(int? embeddingCount = null)
    {
        if (!Exists)
            throw new ModelFormatException(_folder, null, "tokenizer", "absent", "the folder has neither tokenizer.model nor tokenizer.json");

        TokenizerJson? json = TokenizerJson.Find(JsonPath);
        return File.Exists(ModelPath)
            ? Complete(TokenizerFile.ReadOwn(ModelPath), ModelPath, json, embeddingCount)
            : Complete(TokenizerJsonReader.ReadWithoutAddedTokens(json!), JsonPath, json, embeddingCount);
    }

    /// <summary>
    /// Extends the vocabulary of a model by the tokens of this folder, which belongs to an adapter of the model. The folder may have a whole vocabulary, or
    /// only the files that name added tokens, such as <c>added_tokens.json</c>.
    /// </summary>
    /// <param name="vocabulary">The vocabulary of the model.</param>
    /// <param name="embeddingCount">The number of rows of the adapter's embedding table, more than the model has tokens.</param>
    /// <exception cref="ModelFormatException">A file is malformed, names no new tokens, or belongs to another model.</exception>
    public Vocabulary Extend(Vocabulary vocabulary, int embeddingCount)
    {
        Vocabulary extended = Exists ? Read(embeddingCount) : Complete(vocabulary, _folder, json: null, embeddingCount);
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (!extended.Pieces.Span(id).SequenceEqual(vocabulary.Pieces.Span(id)))
                throw new ModelFormatException(_folder, null, Invariant($"token {id:N0}"), $"'{extended.Pieces[id]}'", $"the model has '{vocabulary.Pieces[id]}' there: the adapter was made for a model with another vocabulary");
        }

        return extended.Types[vocabulary.Count..].ContainsAnyExcept(PieceType.Unused)
            ? extended
            : throw new ModelFormatException(
                _folder, null, "the names of the new tokens", "absent",
                Invariant($"the adapter has rows for {embeddingCount:N0} tokens, and the model has {vocabulary.Count:N0}: put the adapter's added_tokens.json, tokenizer_config.json, tokenizer.json or tokenizer.model into its folder"));
    }

    private Vocabulary Complete(Vocabulary vocabulary, string source, TokenizerJson? json, int? embeddingCount)
    {
        var builder = new VocabularyBuilder(vocabulary, json?.AddedTokenCount ?? 0);
        AddTokens(builder, json);
        if (embeddingCount is int count)
            builder.Resize(source, count);

        VocabularyOptions options = vocabulary.Options;
        return builder.Build(source, options with
        {
            BeginOfSequenceId = FindId(builder, "bos_token", options.BeginOfSequenceId, [options.UnknownId, options.EndOfSequenceId]),
            EndOfSequenceId = FindId(builder, "eos_token", options.EndOfSequenceId, [options.UnknownId, options.BeginOfSequenceId]),
            OtherEndIds = [.. options.OtherEndIds.Union(FindEnds(options))],
            AddBeginOfSequence = _configuration?.FindBoolean("add_bos_token") ?? options.AddBeginOfSequence,
            AddEndOfSequence = _configuration?.FindBoolean("add_eos_token") ?? options.AddEndOfSequence,
            AddDummyPrefix = options.AddDummyPrefix && (_configuration?.FindBoolean("add_prefix_space") ?? true),
        }, json is not null && TokenizerJsonReader.PrefixesTokens(json));
    }

    /// <summary>
    /// Reads the chat template in Jinja from <c>chat_template.jinja</c> or, if that file does not exist, from <c>tokenizer_config.json</c>; if that
    /// file has several templates, the template named <c>default</c> is returned. Null if there is no template.
    /// </summary>
    public string? ReadChatTemplate()
    {
        const string Key = "chat_template";
        string path = Path.Combine(_folder, "chat_template.jinja");
        if (File.Exists(path))
            return RegularFile.ReadAllText(path, MaxTemplateByteSize);

        return _configuration?.Find(Key)?.ValueKind == JsonValueKind.Array
            ? _configuration.FindObjects(Key)!.FirstOrDefault(template => template.FindString("name") == "default")?.FindString("template")
            : _configuration?.FindString(Key);
    }

    private void AddTokens(VocabularyBuilder builder, TokenizerJson? json)
    {
        HashSet<string> special = [.. SpecialTexts(_configuration), .. SpecialTexts(_specialTokens)];
        if (json is not null)
        {
            AddedTokenReader reader = json.AddedTokens();
            while (reader.Read(out AddedToken token))
                AddToken(builder, token);
        }

        if (_configuration?.FindObject("added_tokens_decoder") is { } decoder)
        {
            foreach (JsonProperty member in decoder.Members)
            {
                JsonFields token = decoder.Object(member.Name, member.Value);
                if (!int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                    throw decoder.Fault(member.Name, "not an id", "the name of each member must be a whole number");
                AddToken(builder, AddedToken.Read(token, id));
            }
        }

        if (Find("added_tokens.json") is { } added)
        {
            foreach (JsonProperty member in added.Members)
                AddToken(builder, new AddedToken(added.Path, added.GetInt32(member.Name), member.Name, special.Contains(member.Name)));
        }
    }

    private void AddToken(VocabularyBuilder builder, AddedToken token)
    {
        if (builder.AddToken(token))
            return;
        // A file may have a million tokens with empty names, so the number of warnings is limited.
        _namelessCount++;
        if (_namelessCount <= MaxNamelessWarningCount)
            _warnings.Add(Invariant($"'{token.Source}': the token {token.Id} has an empty name; the tokenizer's own, '{builder.PieceAt(token.Id)}', is used."));
        else if (_namelessCount == MaxNamelessWarningCount + 1)
            _warnings.Add($"'{token.Source}': further tokens have empty names; the tokenizer's own are used.");
    }

    // The files of the tokenizer are used first, and those of the model only afterwards, because fine-tunes often leave the model's files unchanged.
    private int FindId(VocabularyBuilder builder, string name, int given, int[] others)
    {
        foreach (JsonFields? fields in new[] { _configuration, _specialTokens })
        {
            string? text = Text(fields, name);
            if (text == "" && given >= 0)
                _warnings.Add(Invariant($"'{fields!.Path}': {name} has an empty name; the tokenizer's own token {given}, '{builder.PieceAt(given)}', is used unless another file names one."));
            else if (builder.Find(text) is >= 0 and var id)
                return id;
        }

        foreach (JsonFields? fields in new[] { Find("generation_config.json"), Find("config.json") })
        {
            JsonElement? value = fields?.Find(name + "_id");
            // If the file lists several end tokens, the first is the end-of-sequence token.
            if (value is { ValueKind: JsonValueKind.Array } several && several.GetArrayLength() > 0)
                value = several[0];
            if (value is not { ValueKind: JsonValueKind.Number } number)
                continue;
            if (!number.TryGetInt32(out int id) || id < 0 || id >= builder.Count)
                throw fields!.Fault(name + "_id", number.GetRawText(), "it must be an id of the vocabulary");
            if (given < 0 || id == given || !others.Contains(id))
                return id;

            // The first conversions of Llama 1 state the ids 0 and 1, which are the unknown token and the begin-of-sequence token.
            _warnings.Add(Invariant($"'{fields!.Path}': {name}_id is {id}, which is '{builder.PieceAt(id)}' in the tokenizer; the tokenizer's own {given}, '{builder.PieceAt(given)}', is used."));
        }

        return given < builder.Count ? given : -1;
    }

    // In transformers, a generation ends at the tokens that generation_config.json states or, if that file is missing, config.json. Here it ends at
    // the tokens of both files, because fine-tunes often correct only generation_config.json.
    private int[] FindEnds(VocabularyOptions options)
    {
        const string Name = "eos_token_id";
        List<int> ids = [];
        foreach (JsonFields? fields in new[] { Find("generation_config.json"), Find("config.json") })
        {
            if (fields?.Find(Name) is not { } value)
                continue;
            JsonElement[] elements = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
            foreach (JsonElement element in elements)
            {
                if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int id))
                    throw fields.WrongType(Name, element, "an id, or a list of ids");
                ids.Add(id);
            }
        }

        // The begin-of-sequence token and the unknown token cannot end a generated text. A file that states one of them was written for another
        // vocabulary.
        return [.. ids.Distinct().Where(id => options.EndOfSequenceId < 0 || (id != options.BeginOfSequenceId && id != options.UnknownId))];
    }

    private static IEnumerable<string> SpecialTexts(JsonFields? fields)
    {
        foreach (string name in (string[])["bos_token", "eos_token", "unk_token", "pad_token"])
        {
            if (Text(fields, name) is { } text)
                yield return text;
        }

        foreach (JsonElement element in fields?.FindArray("additional_special_tokens")?.EnumerateArray() ?? default)
        {
            if (element.ValueKind == JsonValueKind.String)
                yield return element.GetString()!;
        }
    }

    // A token is given as its text, or as an object that contains the text.
    private static string? Text(JsonFields? fields, string name) => fields?.Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } token => fields.Object(name, token).FindString("content"),
        _ => fields.FindString(name),
    };

    private JsonFields? Find(string name) => JsonFields.Find(Path.Combine(_folder, name), MaxByteSize);
}
