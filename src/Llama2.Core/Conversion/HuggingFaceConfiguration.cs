using System.Text.Json;
using Llama2.Architectures;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>
/// Reads the <c>config.json</c> of a Hugging Face folder as the metadata of a GGUF file. A property that would change the results and is not
/// supported is refused, and the message names it. Whether numbers are in their ranges is checked later, as for any model.
/// </summary>
internal sealed class HuggingFaceConfiguration
{
    public const string FileName = "config.json";
    private const int MaxByteSize = 4 << 20;
    private const float DefaultRmsNormEpsilon = 1e-6f;
    private readonly JsonFields _json;
    private readonly HuggingFaceModelClass _class;

    /// <param name="folder">The model's folder.</param>
    /// <exception cref="ModelFormatException">The configuration is missing or malformed, or the model is not supported.</exception>
    public HuggingFaceConfiguration(string folder)
    {
        string path = Path.Combine(folder, FileName);
        _json = JsonFields.Find(path, MaxByteSize)
            ?? throw new ModelFormatException(folder, null, FileName, "absent", "a model's folder must contain its configuration and its weights; llama2 reads GGUF files, Hugging Face folders and llama2.c checkpoints" + ModelFolder.Hint(folder));
        _class = RequireKnownClass();
        RefuseOtherArithmetic();
        EmbeddingLength = Positive("hidden_size");
        HeadCount = Positive("num_attention_heads");
        KeyValueHeadCount = _json.Find("num_key_value_heads") is not null ? Positive("num_key_value_heads")
            : !_json.Has("num_key_value_heads") && _class.DefaultKeyValueHeadCount is int defaultCount ? defaultCount
            : HeadCount;
        HeadLength = EmbeddingLength / HeadCount;
        if (_json.Find("head_dim") is not null && Positive("head_dim") is var length && length != HeadLength)
        {
            throw _json.Fault(
                "head_dim", Invariant($"{length:N0}"), Invariant($"it must be {EmbeddingLength:N0} / {HeadCount:N0} = {HeadLength:N0} (hidden_size / num_attention_heads); other head lengths are not supported"));
        }
    }

    /// <summary>The architecture.</summary>
    public ModelArchitecture Architecture => _class.Architecture;

    public int EmbeddingLength { get; }

    public int HeadCount { get; }

    public int KeyValueHeadCount { get; }

    /// <summary>Width of a head: <see cref="EmbeddingLength"/> ÷ <see cref="HeadCount"/>.</summary>
    public int HeadLength { get; }

    /// <summary>Whether the output matrix is the embedding table; false if the configuration does not state it.</summary>
    public bool IsOutputShared => _json.FindBoolean("tie_word_embeddings") ?? false;

    /// <summary>The vocabulary size in the configuration, or null if it is not stated.</summary>
    public int? VocabularySize => _json.FindInt32("vocab_size");

    /// <summary>Creates the exception for a member with an invalid value.</summary>
    public ModelFormatException Fault(string name, string value, string limit) => _json.Fault(name, value, limit);

    /// <summary>Converts the configuration to metadata with GGUF's keys.</summary>
    public OrderedDictionary<string, object> ToMetadata(string modelName)
    {
        int contextLength = ContextLength();
        var rope = new HuggingFaceRope(_json, contextLength);
        var dimensions = new ModelDimensions(_json.GetInt32("num_hidden_layers"), EmbeddingLength, HeadCount, KeyValueHeadCount, _json.GetInt32("intermediate_size"), Vocabulary: 0);
        OrderedDictionary<string, object> metadata = ModelMetadata.Create(
            Architecture, modelName, contextLength, dimensions, _json.FindSingle("rms_norm_eps") ?? DefaultRmsNormEpsilon, statesHeadLength: true);
        metadata[Architecture.Keys.RopeTheta] = rope.Theta;
        metadata[Architecture.Keys.RopeDimensionCount] = ModelMetadata.Count(HeadLength);
        rope.AddScaling(metadata, Architecture.Keys.Scaling);
        return metadata;
    }

    private HuggingFaceModelClass RequireKnownClass()
    {
        string[] architectures = [.. (_json.FindArray("architectures")?.EnumerateArray() ?? default).Select(element => element.ToString())];
        string architecture = architectures.Length > 0 ? architectures[0] : _json.FindString("model_type") ?? "missing";
        return HuggingFaceModelClass.All.FirstOrDefault(known => known.Names.Contains(architecture))
            ?? throw _json.Fault("architectures", architecture, "only LlamaForCausalLM is supported, and MistralForCausalLM without a sliding window");
    }

    private void RefuseOtherArithmetic()
    {
        int? window = _json.FindInt32("sliding_window") ?? (_json.Has("sliding_window") ? null : _class.DefaultWindow);
        if (window < ContextLength() && (_json.FindBoolean("use_sliding_window") ?? true))
            throw _json.Fault("sliding_window", Invariant($"{window:N0}"), "attention over a window shorter than the context is not supported");
        foreach (string name in (string[])["quantization_config", "compression_config"])
        {
            if (_json.FindObject(name) is { } quantization)
                throw _json.Fault(name, quantization.FindString("quant_method") ?? "present", "only weights in F32, F16 and BF16 are supported; use the unquantized model, or one quantized in GGUF");
        }

        Refuse("hidden_act", value => value.ValueKind != JsonValueKind.String || value.GetString() is not ("silu" or "swish"), "it must be 'silu', as in Llama");
        Refuse("attention_bias", value => value.ValueKind != JsonValueKind.False, "biases are not supported");
        Refuse("mlp_bias", value => value.ValueKind != JsonValueKind.False, "biases are not supported");
        Refuse("num_local_experts", value => value.ValueKind != JsonValueKind.Number || value.GetDouble() != 0, "mixtures of experts are not supported");
    }

    private int ContextLength() =>
        _json.FindInt32("max_sequence_length") ?? _json.FindInt32("max_position_embeddings") ?? _class.DefaultContextLength;

    private void Refuse(string name, Predicate<JsonElement> isUnsupported, string limit)
    {
        if (_json.Find(name) is { } value && isUnsupported(value))
            throw _json.Fault(name, value.GetRawText(), limit);
    }

    private int Positive(string name) =>
        _json.GetInt32(name) is > 0 and var number ? number : throw _json.Fault(name, $"{_json.GetInt32(name)}", "it must be 1 or more");
}
