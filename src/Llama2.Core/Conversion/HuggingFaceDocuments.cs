using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Tokenization;

namespace Llama2.Conversion;

/// <summary>Writes the files of a Hugging Face folder other than the weights: configuration and tokenizer.</summary>
internal static class HuggingFaceDocuments
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="ModelFormatException">The source has a property that the files cannot express.</exception>
    public static void Write(AtomicFolder folder, IModelFile source, ModelConfiguration configuration, bool isOutputShared, string dataType)
    {
        Vocabulary? vocabulary = source.Metadata.ContainsKey(VocabularyKeys.Model) ? GgufVocabularyReader.Read(source) : null;
        WriteJson(folder, HuggingFaceConfiguration.FileName, json => WriteConfiguration(json, source, configuration, vocabulary, isOutputShared, dataType));
        if (vocabulary is null)
            return;

        WriteTokenizer(folder, vocabulary, source.Path, new MetadataReader(source).FindString(VocabularyKeys.ChatTemplate));
        WriteJson(folder, "generation_config.json", json => WriteIds(json, vocabulary));
    }

    /// <summary>Writes the files of the tokenizer.</summary>
    /// <exception cref="ModelFormatException">The vocabulary has a property that the files cannot express.</exception>
    public static void WriteTokenizer(AtomicFolder folder, Vocabulary vocabulary, string sourcePath, string? chatTemplate)
    {
        byte[] model = SentencePieceModelWriter.Write(vocabulary, sourcePath);
        folder.Write("tokenizer.model", stream => stream.Write(model));
        WriteJson(folder, "tokenizer_config.json", json => WriteTokenizer(json, vocabulary, chatTemplate));
    }

    private static void WriteJson(AtomicFolder folder, string name, Action<Utf8JsonWriter> writeMembers) => folder.Write(name, stream =>
    {
        using var json = new Utf8JsonWriter(stream, s_options);
        json.WriteStartObject();
        writeMembers(json);
        json.WriteEndObject();
    });

    private static void WriteConfiguration(
        Utf8JsonWriter json, IModelFile source, ModelConfiguration configuration, Vocabulary? vocabulary, bool isOutputShared, string dataType)
    {
        json.WriteStartArray("architectures");
        json.WriteStringValue(HuggingFaceModelClass.All.First(known => known.Architecture.Name == configuration.Architecture).Names[0]);
        json.WriteEndArray();
        json.WriteString("model_type", configuration.Architecture);
        json.WriteString("torch_dtype", dataType switch { "F32" => "float32", "F16" => "float16", _ => "bfloat16" });
        json.WriteNumber("hidden_size", configuration.EmbeddingLength);
        json.WriteNumber("intermediate_size", configuration.FeedForwardLength);
        json.WriteNumber("num_hidden_layers", configuration.LayerCount);
        json.WriteNumber("num_attention_heads", configuration.HeadCount);
        json.WriteNumber("num_key_value_heads", configuration.KeyValueHeadCount);
        json.WriteNumber("max_position_embeddings", configuration.ContextLength);
        json.WriteNumber("vocab_size", configuration.VocabularySize);
        json.WriteNumber("rms_norm_eps", configuration.RmsNormEpsilon);
        json.WriteNumber("rope_theta", configuration.RopeTheta);
        WriteRopeScaling(json, source, configuration);
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("attention_bias", false);
        json.WriteBoolean("mlp_bias", false);
        json.WriteBoolean("tie_word_embeddings", isOutputShared);
        if (vocabulary is not null)
            WriteIds(json, vocabulary);
    }

    private static void WriteRopeScaling(Utf8JsonWriter json, IModelFile source, ModelConfiguration configuration)
    {
        RopeScaling scaling = configuration.RopeScaling;
        if (scaling.Type == RopeScalingType.None)
        {
            json.WriteNull("rope_scaling");
            return;
        }

        if (scaling.Type == RopeScalingType.Yarn && scaling.ExtrapolationFactor != 1)
            throw new ModelFormatException(source.Path, null, configuration.Family.Keys.Scaling.ExtrapolationFactor, $"{scaling.ExtrapolationFactor}", "config.json cannot express it; convert to GGUF");

        string type = scaling.Type switch { RopeScalingType.Linear => "linear", RopeScalingType.DynamicNtk => "dynamic", _ => "yarn" };
        json.WriteStartObject("rope_scaling");
        json.WriteString("type", type);
        json.WriteString("rope_type", type);
        json.WriteNumber("factor", scaling.Factor);
        if (scaling.Type == RopeScalingType.Yarn)
        {
            if (scaling.OriginalContextLength is int length)
                json.WriteNumber("original_max_position_embeddings", length);
            json.WriteNumber("attention_factor", scaling.AttentionFactor * YarnTemperature.Of(scaling.Factor));
            json.WriteNumber("beta_fast", scaling.BetaFast);
            json.WriteNumber("beta_slow", scaling.BetaSlow);
            json.WriteBoolean("truncate", scaling.TruncatesRamp);
        }

        json.WriteEndObject();
    }

    private static void WriteTokenizer(Utf8JsonWriter json, Vocabulary vocabulary, string? template)
    {
        VocabularyOptions options = vocabulary.Options;
        json.WriteString("tokenizer_class", "LlamaTokenizer");
        json.WriteBoolean("add_bos_token", options.AddBeginOfSequence);
        json.WriteBoolean("add_eos_token", options.AddEndOfSequence);
        json.WriteBoolean("add_prefix_space", options.AddDummyPrefix);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        foreach ((string name, int id) in new[] { ("bos_token", options.BeginOfSequenceId), ("eos_token", options.EndOfSequenceId), ("unk_token", options.UnknownId) })
        {
            if (id >= 0)
                json.WriteString(name, vocabulary.Pieces.Span(id));
        }

        json.WriteStartObject("added_tokens_decoder");
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.Types[id] is not (PieceType.Unknown or PieceType.Control or PieceType.UserDefined))
                continue;
            json.WriteStartObject(id.ToString(CultureInfo.InvariantCulture));
            json.WriteString("content", vocabulary.Pieces.Span(id));
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("special", vocabulary.Types[id] != PieceType.UserDefined);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (template is not null)
            json.WriteString("chat_template", template);
    }

    private static void WriteIds(Utf8JsonWriter json, Vocabulary vocabulary)
    {
        if (vocabulary.Options.BeginOfSequenceId is >= 0 and var begin)
            json.WriteNumber("bos_token_id", begin);
        if (vocabulary.EndIds.Length == 1)
        {
            json.WriteNumber("eos_token_id", vocabulary.EndIds[0]);
        }
        else if (vocabulary.EndIds.Length > 1)
        {
            // transformers ends a generation at each of the tokens in this array.
            json.WriteStartArray("eos_token_id");
            foreach (int end in vocabulary.EndIds)
                json.WriteNumberValue(end);
            json.WriteEndArray();
        }
    }
}
