using System.Text.Json;
using Llama2.Formats;

namespace Llama2.Conversion;

/// <summary>
/// Reads the <c>config.json</c> of a Hugging Face folder as the metadata of a GGUF file. What would change the answers and is not computed
/// here is refused by name; ranges are checked where any model's are.
/// </summary>
internal sealed class HuggingFaceConfiguration
{
    public const string FileName = "config.json";
    private const int MaxByteSize = 4 << 20;
    private const float DefaultRmsNormEpsilon = 1e-6f;
    private readonly JsonFields _json;

    /// <param name="folder">The model's folder.</param>
    /// <exception cref="ModelFormatException">There is no configuration, or it is malformed or of a model that is not supported.</exception>
    public HuggingFaceConfiguration(string folder)
    {
        string path = Path.Combine(folder, FileName);
        _json = JsonFields.Find(path, MaxByteSize)
            ?? throw new ModelFormatException(folder, -1, FileName, "absent", "a model's folder has its configuration beside its weights; llama2 reads GGUF files, Hugging Face folders and llama2.c checkpoints");
        RefuseOtherModels();
        EmbeddingLength = Positive("hidden_size");
        HeadCount = Positive("num_attention_heads");
        KeyValueHeadCount = _json.Find("num_key_value_heads") is null ? HeadCount : Positive("num_key_value_heads");
        HeadLength = _json.Find("head_dim") is null ? EmbeddingLength / HeadCount : Positive("head_dim");
    }

    public int EmbeddingLength { get; }

    public int HeadCount { get; }

    public int KeyValueHeadCount { get; }

    /// <summary>Width of a head.</summary>
    public int HeadLength { get; }

    /// <summary>Whether the output matrix is the table of embeddings; Llama's default is that it is not.</summary>
    public bool IsOutputShared => _json.FindBoolean("tie_word_embeddings") ?? false;

    /// <summary>Tokens by the configuration, or null where it does not say.</summary>
    public int? VocabularySize => _json.FindInt32("vocab_size");

    /// <summary>Composes the exception for a member.</summary>
    public ModelFormatException Fault(string name, string value, string limit) => _json.Fault(name, value, limit);

    /// <summary>The configuration in GGUF's keys.</summary>
    public OrderedDictionary<string, object> ToMetadata(string modelName)
    {
        JsonFields? rope = RopeScaling();
        var metadata = new OrderedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["general.architecture"] = "llama",
            ["general.name"] = modelName,
            ["llama.context_length"] = _json.FindInt32("max_sequence_length") ?? _json.GetInt32("max_position_embeddings"),
            ["llama.embedding_length"] = EmbeddingLength,
            ["llama.block_count"] = _json.GetInt32("num_hidden_layers"),
            ["llama.feed_forward_length"] = _json.GetInt32("intermediate_size"),
            ["llama.attention.head_count"] = HeadCount,
            ["llama.attention.head_count_kv"] = KeyValueHeadCount,
            ["llama.attention.key_length"] = HeadLength,
            ["llama.attention.value_length"] = HeadLength,
            ["llama.attention.layer_norm_rms_epsilon"] = _json.FindSingle("rms_norm_eps") ?? DefaultRmsNormEpsilon,
            ["llama.rope.freq_base"] = _json.FindSingle("rope_theta") ?? rope?.FindSingle("rope_theta") ?? 10_000f,
            ["llama.rope.dimension_count"] = HeadLength,
        };
        AddRopeScaling(metadata, rope);
        // GGUF's writers state counts as unsigned numbers, and so do llama.cpp's readers expect them.
        foreach (string key in metadata.Keys.ToArray())
        {
            if (metadata[key] is int and >= 0 and var count)
                metadata[key] = (uint)count;
        }

        return metadata;
    }

    private void RefuseOtherModels()
    {
        string[] architectures = [.. (_json.FindArray("architectures")?.EnumerateArray() ?? default).Select(element => element.ToString())];
        string architecture = architectures.Length > 0 ? architectures[0] : _json.FindString("model_type") ?? "missing";
        if (architecture is not ("LlamaForCausalLM" or "LLaMAForCausalLM" or "MistralForCausalLM" or "llama"))
            throw _json.Fault("architectures", architecture, "LlamaForCausalLM is supported, and MistralForCausalLM where it has no sliding window");
        if (_json.FindInt32("sliding_window") is int window && window < (_json.FindInt32("max_position_embeddings") ?? int.MaxValue) && (_json.FindBoolean("use_sliding_window") ?? true))
            throw _json.Fault("sliding_window", $"{window}", "attention over a window shorter than the context is not supported");
        if (_json.FindObject("quantization_config") is { } quantization)
            throw _json.Fault("quantization_config", quantization.FindString("quant_method") ?? "present", "weights are read in F32, F16 and BF16; take the unquantized model, or one quantized as GGUF");
        Refuse("hidden_act", value => value.ValueKind != JsonValueKind.String || value.GetString() is not ("silu" or "swish"), "Llama's is 'silu'");
        Refuse("attention_bias", value => value.ValueKind != JsonValueKind.False, "biases are not supported");
        Refuse("mlp_bias", value => value.ValueKind != JsonValueKind.False, "biases are not supported");
        Refuse("partial_rotary_factor", value => value.ValueKind != JsonValueKind.Number || value.GetDouble() != 1, "only the rotation of whole heads is supported");
        Refuse("num_local_experts", value => value.ValueKind != JsonValueKind.Number || value.GetDouble() != 0, "mixtures of experts are not supported");
    }

    private void Refuse(string name, Predicate<JsonElement> isUnsupported, string limit)
    {
        if (_json.Find(name) is { } value && isUnsupported(value))
            throw _json.Fault(name, value.GetRawText(), limit);
    }

    private int Positive(string name) =>
        _json.GetInt32(name) is > 0 and var number ? number : throw _json.Fault(name, $"{_json.GetInt32(name)}", "it must be 1 or more");

    // rope_parameters since version 5 of transformers, where it has the base of the frequencies too.
    private JsonFields? RopeScaling() => _json.FindObject("rope_scaling") ?? _json.FindObject("rope_parameters");

    private static void AddRopeScaling(OrderedDictionary<string, object> metadata, JsonFields? scaling)
    {
        const string Prefix = "llama.rope.scaling.";
        string type = scaling?.FindString("rope_type") ?? scaling?.FindString("type") ?? "default";
        if (scaling is null || type == "default")
            return;
        if (type is not ("linear" or "yarn"))
            throw scaling.Fault("type", $"'{type}'", "'linear' and 'yarn' are supported");

        float factor = scaling.FindSingle("factor") ?? throw scaling.Missing("factor");
        metadata[Prefix + "type"] = type;
        metadata[Prefix + "factor"] = factor;
        if (type == "linear")
            return;

        if (scaling.Find("mscale") is not null || scaling.Find("mscale_all_dim") is not null)
            throw scaling.Fault("mscale", "present", "only YaRN's own attention temperature is supported");
        if (scaling.FindInt32("original_max_position_embeddings") is int original)
            metadata[Prefix + "original_context_length"] = original;
        if (scaling.FindSingle("attention_factor") is float attention)
            metadata[Prefix + "attn_factor"] = attention / YarnTemperature.Of(factor);
        if (scaling.FindSingle("beta_fast") is float fast)
            metadata[Prefix + "yarn_beta_fast"] = fast;
        if (scaling.FindSingle("beta_slow") is float slow)
            metadata[Prefix + "yarn_beta_slow"] = slow;
    }
}
