using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>
/// Reads the <c>config.json</c> of a Hugging Face folder as the metadata of a GGUF file. Properties that would change the answers and are not
/// supported are refused by name. Ranges are checked later, as for any model.
/// </summary>
internal sealed class HuggingFaceConfiguration
{
    public const string FileName = "config.json";
    private const int MaxByteSize = 4 << 20;
    private const float DefaultRmsNormEpsilon = 1e-6f;
    private const int DefaultContextLength = 2048, MistralContextLength = 131_072, MistralWindow = 4096, MistralKeyValueHeadCount = 8;
    private readonly JsonFields _json;
    private bool _isMistral;

    /// <param name="folder">The model's folder.</param>
    /// <exception cref="ModelFormatException">The configuration is missing or malformed, or the model is not supported.</exception>
    public HuggingFaceConfiguration(string folder)
    {
        string path = Path.Combine(folder, FileName);
        _json = JsonFields.Find(path, MaxByteSize)
            ?? throw new ModelFormatException(folder, -1, FileName, "absent", "a model's folder has its configuration beside its weights; llama2 reads GGUF files, Hugging Face folders and llama2.c checkpoints" + ModelFolder.Hint(folder));
        RefuseOtherModels();
        EmbeddingLength = Positive("hidden_size");
        HeadCount = Positive("num_attention_heads");
        KeyValueHeadCount = _json.Find("num_key_value_heads") is not null ? Positive("num_key_value_heads")
            : _isMistral && !_json.Has("num_key_value_heads") ? MistralKeyValueHeadCount
            : HeadCount;
        HeadLength = EmbeddingLength / HeadCount;
        if (_json.Find("head_dim") is not null && Positive("head_dim") is var length && length != HeadLength)
        {
            throw _json.Fault(
                "head_dim", Invariant($"{length:N0}"), Invariant($"only heads that divide the width among them are supported, here {EmbeddingLength:N0} / {HeadCount:N0} = {HeadLength:N0} (hidden_size / num_attention_heads)"));
        }
    }

    public int EmbeddingLength { get; }

    public int HeadCount { get; }

    public int KeyValueHeadCount { get; }

    /// <summary>Width of a head: <see cref="EmbeddingLength"/> ÷ <see cref="HeadCount"/>.</summary>
    public int HeadLength { get; }

    /// <summary>Whether the output matrix is the embedding table; false by default for Llama.</summary>
    public bool IsOutputShared => _json.FindBoolean("tie_word_embeddings") ?? false;

    /// <summary>The vocabulary size in the configuration, or null if it is not stated.</summary>
    public int? VocabularySize => _json.FindInt32("vocab_size");

    /// <summary>Creates the exception for a member.</summary>
    public ModelFormatException Fault(string name, string value, string limit) => _json.Fault(name, value, limit);

    /// <summary>The configuration as metadata with GGUF's keys.</summary>
    public OrderedDictionary<string, object> ToMetadata(string modelName)
    {
        int contextLength = ContextLength();
        var rope = new HuggingFaceRope(_json, contextLength);
        var metadata = new OrderedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["general.architecture"] = "llama",
            ["general.name"] = modelName,
            ["llama.context_length"] = contextLength,
            ["llama.embedding_length"] = EmbeddingLength,
            ["llama.block_count"] = _json.GetInt32("num_hidden_layers"),
            ["llama.feed_forward_length"] = _json.GetInt32("intermediate_size"),
            ["llama.attention.head_count"] = HeadCount,
            ["llama.attention.head_count_kv"] = KeyValueHeadCount,
            ["llama.attention.key_length"] = HeadLength,
            ["llama.attention.value_length"] = HeadLength,
            ["llama.attention.layer_norm_rms_epsilon"] = _json.FindSingle("rms_norm_eps") ?? DefaultRmsNormEpsilon,
            ["llama.rope.freq_base"] = rope.Theta,
            ["llama.rope.dimension_count"] = HeadLength,
        };
        rope.AddScaling(metadata);
        // GGUF's writers store counts as unsigned numbers, and llama.cpp's readers expect that.
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
            throw _json.Fault("architectures", architecture, "LlamaForCausalLM is supported, and MistralForCausalLM if it has no sliding window");
        _isMistral = architecture == "MistralForCausalLM";
        int? window = _json.FindInt32("sliding_window") ?? (_isMistral && !_json.Has("sliding_window") ? MistralWindow : null);
        if (window < ContextLength() && (_json.FindBoolean("use_sliding_window") ?? true))
            throw _json.Fault("sliding_window", Invariant($"{window:N0}"), "attention over a window shorter than the context is not supported");
        foreach (string name in (string[])["quantization_config", "compression_config"])
        {
            if (_json.FindObject(name) is { } quantization)
                throw _json.Fault(name, quantization.FindString("quant_method") ?? "present", "weights are read in F32, F16 and BF16; take the unquantized model, or one quantized as GGUF");
        }

        Refuse("hidden_act", value => value.ValueKind != JsonValueKind.String || value.GetString() is not ("silu" or "swish"), "Llama's is 'silu'");
        Refuse("attention_bias", value => value.ValueKind != JsonValueKind.False, "biases are not supported");
        Refuse("mlp_bias", value => value.ValueKind != JsonValueKind.False, "biases are not supported");
        Refuse("num_local_experts", value => value.ValueKind != JsonValueKind.Number || value.GetDouble() != 0, "mixtures of experts are not supported");
    }

    // The defaults of LlamaConfig and MistralConfig in transformers.
    private int ContextLength() =>
        _json.FindInt32("max_sequence_length") ?? _json.FindInt32("max_position_embeddings") ?? (_isMistral ? MistralContextLength : DefaultContextLength);

    private void Refuse(string name, Predicate<JsonElement> isUnsupported, string limit)
    {
        if (_json.Find(name) is { } value && isUnsupported(value))
            throw _json.Fault(name, value.GetRawText(), limit);
    }

    private int Positive(string name) =>
        _json.GetInt32(name) is > 0 and var number ? number : throw _json.Fault(name, $"{_json.GetInt32(name)}", "it must be 1 or more");
}
