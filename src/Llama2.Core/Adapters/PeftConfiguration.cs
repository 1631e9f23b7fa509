using System.Text.Json;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Adapters;

/// <summary>
/// Reads the <c>adapter_config.json</c> of a PEFT adapter (github.com/huggingface/peft, <c>LoraConfig</c>). A property that is set is refused with a
/// message that names it, unless it is read here or is known not to change the computation.
/// </summary>
internal sealed class PeftConfiguration
{
    public const string FileName = "adapter_config.json";

    private const string TokensName = "trainable_token_indices";

    /// <summary>The remedy for an adapter that this library does not support.</summary>
    public const string Remedy = "merge the adapter into its model with PEFT's merge_and_unload, and load that";

    private const int MaxByteSize = 4 << 20;
    private const float MaxAlpha = 1e6f;

    // Properties that are read here, or that do not affect the results of a trained adapter.
    private static readonly HashSet<string> s_known =
    [
        "peft_type", "r", "lora_alpha", "use_rslora", "use_dora", "rank_pattern", "alpha_pattern", "bias", "init_lora_weights",
        "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "exclude_modules", "inference_mode", "layers_pattern",
        // The tensors of these modules replace those of the model. Their names show which they are.
        "modules_to_save", TokensName,
        "layers_to_transform", "loftq_config", "lora_dropout", "megatron_core", "peft_version", "qalora_group_size", "revision", "target_modules", "task_type",
    ];

    private readonly JsonFields _json;
    private readonly int _rank;
    private readonly float _alpha;
    private readonly bool _isRankStabilized;
    private readonly ModulePatterns _ranks, _alphas;

    /// <param name="folder">The adapter's folder.</param>
    /// <exception cref="ModelFormatException">The configuration is missing or malformed, or the kind of adapter is not supported.</exception>
    public PeftConfiguration(string folder)
    {
        _json = JsonFields.Find(Path.Combine(folder, FileName), MaxByteSize)
            ?? throw new ModelFormatException(folder, null, FileName, "absent", "a PEFT adapter must have its configuration in the folder of its weights; a GGUF adapter is a single file");
        Require("peft_type", "LORA", "only LoRA is supported");
        RefuseUnknown();
        RefuseOtherBias();
        RefuseChangedBase();
        _rank = (int)Rank(_json.Find("r") ?? throw _json.Missing("r"), _json, "r");
        _alpha = Alpha(_json.Find("lora_alpha") ?? throw _json.Missing("lora_alpha"), _json, "lora_alpha");
        _isRankStabilized = _json.FindBoolean("use_rslora") ?? false;
        _ranks = ReadPattern("rank_pattern", Rank);
        _alphas = ReadPattern("alpha_pattern", Alpha);
    }

    /// <summary>Whether the adapter has magnitudes (DoRA).</summary>
    public bool HasMagnitudes => _json.FindBoolean("use_dora") ?? false;

    /// <summary>The rank of a module's pair.</summary>
    /// <param name="module">The name of the module in the model, such as <c>model.layers.0.self_attn.q_proj</c>.</param>
    public int RankOf(string module) => (int)(Find(_ranks, "rank_pattern", module) ?? _rank);

    /// <summary>The factor of a module's change: alpha / rank, or alpha / √rank for rank-stabilized LoRA (Kalajdzievski 2023, arXiv 2312.03732).</summary>
    public float ScaleOf(string module)
    {
        double rank = RankOf(module), alpha = Find(_alphas, "alpha_pattern", module) ?? _alpha;
        return (float)(alpha / (_isRankStabilized ? Math.Sqrt(rank) : rank));
    }

    /// <summary>Checks that the adapter has the rows of all tokens that its configuration names.</summary>
    /// <exception cref="ModelFormatException">The configuration names tokens of a module without rows.</exception>
    public void RequireRows(IReadOnlyList<Replacement> replacements)
    {
        if (_json.Find(TokensName) is { } tokens && IsSet(tokens) && !replacements.Any(replacement => replacement.Rows is not null))
        {
            throw _json.Fault(TokensName, tokens.GetRawText(), "the adapter has no rows of tokens: weights and configuration belong to different adapters");
        }

        JsonProperty[] read = [.. replacements.Where(replacement => replacement.Rows is not null).SelectMany(replacement => TokenLists(ModuleOf(replacement)))];
        foreach (JsonProperty member in TokenLists().Where(member => IsSet(member.Value) && !Array.Exists(read, list => list.Name == member.Name)))
        {
            // If the output matrix shares the embeddings, PEFT stores the rows of one of the two.
            if (!Array.Exists(read, list => list.Value.GetRawText() == member.Value.GetRawText()))
            {
                throw _json.Fault($"{TokensName}['{member.Name}']", member.Value.GetRawText(), "the adapter has no rows of tokens for this module: weights and configuration belong to different adapters");
            }
        }
    }

    /// <summary>The tokens whose rows a tensor has, in the order of the rows.</summary>
    /// <param name="module">The name of the module in the model, such as <c>model.embed_tokens</c>.</param>
    /// <param name="rows">The tensor.</param>
    /// <exception cref="ModelFormatException">The configuration does not name as many different tokens as the tensor has rows.</exception>
    public int[] TokensOf(string module, AdapterTensor rows)
    {
        // A list without the name of a module is that of the embeddings.
        JsonElement? found = TokenLists(module).Select(member => (JsonElement?)member.Value).FirstOrDefault()
            ?? (module.EndsWith(LlamaTensors.TokenEmbedding.ModuleName!, StringComparison.Ordinal) ? _json.Find(TokensName) : null);
        int[] tokens = found is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(Token)] : throw _json.Fault(TokensName, $"no list for '{module}'", $"'{rows.Name}' has rows of tokens: weights and configuration belong to different adapters");
        return tokens.Length > 0 && tokens.Length == rows.RowCount && tokens.Distinct().Count() == tokens.Length
            ? tokens
            : throw _json.Fault(TokensName, Invariant($"{tokens.Length:N0} tokens, {tokens.Distinct().Count():N0} of them different"), Invariant($"'{rows.Name}' has {rows.RowCount:N0} rows, each of another token: weights and configuration belong to different adapters"));

        int Token(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int token) && token is >= 0 and < Vocabulary.MaxCount
            ? token
            : throw _json.Fault(TokensName, value.GetRawText(), Invariant($"ids of tokens must be whole numbers from 0 to {Vocabulary.MaxCount - 1:N0}"));
    }

    private static string ModuleOf(Replacement replacement) => ModelArchitecture.FindTensor(NameSpace.Gguf, replacement.BaseName)!.Value.Role.NameIn(NameSpace.HuggingFace)![..^".weight".Length];

    // The list of a module's tokens, or none.
    private IEnumerable<JsonProperty> TokenLists(string module) => TokenLists().Where(member => member.Name.Length > 0 && module.EndsWith(member.Name, StringComparison.Ordinal)).Take(1);

    private IEnumerable<JsonProperty> TokenLists() => _json.Find(TokensName) is { ValueKind: JsonValueKind.Object } ? _json.FindObject(TokensName)!.Members : [];

    private void Require(string name, string expected, string limit)
    {
        string value = _json.FindString(name) ?? "missing";
        if (value != expected)
        {
            throw _json.Fault(name, $"'{value}'", limit);
        }
    }

    // Llama has no biases to train, so the value does not matter; the tensor of a bias would be refused.
    private void RefuseOtherBias()
    {
        if (_json.FindString("bias") is { } bias and not ("none" or "all" or "lora_only"))
        {
            throw _json.Fault("bias", $"'{bias}'", "it must be 'none', 'all' or 'lora_only'");
        }
    }

    private void RefuseUnknown()
    {
        foreach (JsonProperty member in _json.Members)
        {
            if (IsSet(member.Value) && !s_known.Contains(member.Name))
            {
                throw _json.Fault(member.Name, member.Value.GetRawText(), $"this library does not support it or does not know it, and it may change what the adapter computes: {Remedy}");
            }
        }
    }

    private static bool IsSet(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.GetPropertyCount() > 0,
        _ => true,
    };

    // PiSSA, OLoRA, LoftQ and similar methods subtract a part from the base weights before training. The published base model still contains that
    // part, so the adapter does not fit the published model.
    private void RefuseChangedBase()
    {
        if (_json.Find("init_lora_weights") is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) } value
            && (value.ValueKind != JsonValueKind.String || value.GetString() is not ("gaussian" or "eva" or "orthogonal")))
        {
            throw _json.Fault(
                "init_lora_weights", value.GetRawText(),
                "the base model's weights were changed for this adapter: convert it to an ordinary adapter, with the argument path_initial_model_for_weight_conversion of PEFT's save_pretrained");
        }
    }

    private ModulePatterns ReadPattern(string name, Func<JsonElement, JsonFields, string, float> read)
    {
        var patterns = new ModulePatterns();
        if (_json.FindObject(name) is { } members)
        {
            foreach (JsonProperty member in members.Members)
            {
                try
                {
                    patterns.Add(member.Name, read(member.Value, members, member.Name));
                }
                catch (FormatException exception)
                {
                    throw members.Fault(member.Name, member.Value.GetRawText(), $"{exception.Message}: {Remedy}");
                }
            }
        }

        return patterns;
    }

    private float? Find(ModulePatterns patterns, string name, string module)
    {
        try
        {
            return patterns.Find(module);
        }
        catch (FormatException exception)
        {
            throw _json.Fault(name, "patterns", $"{exception.Message}: {Remedy}");
        }
    }

    private static float Rank(JsonElement value, JsonFields owner, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int rank) && rank is > 0 and <= AdapterPair.MaxRank
            ? rank
            : throw owner.Fault(name, value.GetRawText(), Invariant($"a rank must be a whole number from 1 to {AdapterPair.MaxRank:N0}"));

    private static float Alpha(JsonElement value, JsonFields owner, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float alpha) && float.Abs(alpha) <= MaxAlpha
            ? alpha
            : throw owner.Fault(name, value.GetRawText(), Invariant($"alpha must be a number from {-MaxAlpha:N0} to {MaxAlpha:N0}"));
}
