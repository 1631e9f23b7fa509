using System.Text.Json;
using Llama2.Architectures;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>
/// Reads the settings of the rotary embedding in a <c>config.json</c>: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c>, which
/// version 5 of transformers writes instead. Every member is either applied as in modeling_rope_utils.py of transformers, or refused with a message
/// that names it.
/// </summary>
internal sealed class HuggingFaceRope
{
    private const string OriginalLength = "original_max_position_embeddings", ThetaName = "rope_theta";
    private const float DefaultTheta = 10_000;

    // The members that every kind of scaling may have; the members of one kind are listed under its name.
    private static readonly string[] s_common = ["type", "rope_type", ThetaName, "partial_rotary_factor"];

    private static readonly Dictionary<string, string[]> s_members = new(StringComparer.Ordinal)
    {
        ["default"] = [],
        ["linear"] = ["factor", OriginalLength],
        ["dynamic"] = ["factor", OriginalLength],
        // The member "finetuned" only states how the model was trained, and does not change the computation.
        ["yarn"] = ["factor", OriginalLength, "attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate", "finetuned"],
    };

    private readonly JsonFields _configuration;
    private readonly JsonFields? _scaling;
    private readonly int _contextLength;
    private readonly string _type;

    /// <param name="configuration">The whole configuration.</param>
    /// <param name="contextLength">The model's <c>max_position_embeddings</c>.</param>
    /// <exception cref="ModelFormatException">A member is unknown, malformed, or not supported.</exception>
    public HuggingFaceRope(JsonFields configuration, int contextLength)
    {
        _configuration = configuration;
        _contextLength = contextLength;
        _scaling = FindScaling(configuration);
        _type = FindType();
        foreach (JsonProperty member in _scaling?.Members ?? [])
        {
            if (member.Value.ValueKind != JsonValueKind.Null && !s_common.Contains(member.Name) && !s_members[_type].Contains(member.Name))
                throw _scaling!.Fault(member.Name, member.Value.GetRawText(), $"'{_type}' scaling has no such member, or this library does not know it, and it may change the results");
        }

        RefusePartialRotation(configuration);
        RefusePartialRotation(_scaling);
        Theta = FindTheta();
    }

    /// <summary>The base of the frequencies.</summary>
    public float Theta { get; }

    /// <summary>Adds GGUF's keys for the scaling, if there is one.</summary>
    public void AddScaling(OrderedDictionary<string, object> metadata, RopeScalingKeys keys)
    {
        if (_scaling is null || _type == "default")
            return;

        if (_type == "dynamic")
        {
            RequireSameLength();
            metadata[keys.DynamicFactor] = Factor();
            return;
        }

        metadata[keys.Type] = _type;
        metadata[keys.Factor] = Factor();
        if (_type == "yarn")
            AddYarn(metadata, keys, (float)metadata[keys.Factor]);
    }

    private static JsonFields? FindScaling(JsonFields configuration)
    {
        JsonFields? scaling = configuration.FindObject("rope_scaling"), parameters = configuration.FindObject("rope_parameters");
        if (scaling is not null && parameters is not null && !JsonElement.DeepEquals(configuration.Find("rope_scaling")!.Value, configuration.Find("rope_parameters")!.Value))
            throw configuration.Fault("rope_parameters", "different from rope_scaling", "these are the new and the old name of the same setting; remove one of them");
        return scaling ?? parameters;
    }

    private string FindType()
    {
        string? name = _scaling?.FindString("rope_type"), oldName = _scaling?.FindString("type");
        if (name is not null && oldName is not null && name != oldName)
            throw _scaling!.Fault("rope_type", $"'{name}'", $"its old name 'type' has the value '{oldName}'; remove one of them, or make both equal");

        string type = name ?? oldName ?? "default";
        return s_members.ContainsKey(type) ? type : throw _scaling!.Fault(name is null ? "type" : "rope_type", $"'{type}'", "only 'linear', 'dynamic' and 'yarn' are supported");
    }

    private float FindTheta()
    {
        float? outer = _configuration.FindSingle(ThetaName), inner = _scaling?.FindSingle(ThetaName);
        return outer is null || inner is null || outer == inner
            ? inner ?? outer ?? DefaultTheta
            : throw _scaling!.Fault(ThetaName, Invariant($"{inner}"), Invariant($"'{ThetaName}' of the configuration itself is {outer}; remove one of them, or make both equal"));
    }

    private static void RefusePartialRotation(JsonFields? owner)
    {
        const string Name = "partial_rotary_factor";
        if (owner?.FindSingle(Name) is { } share and not 1)
            throw owner.Fault(Name, Invariant($"{share}"), "only the rotation of whole heads is supported");
    }

    // If the factor of 'yarn' scaling is missing, it is computed from the two context lengths, as in version 5 of transformers.
    private float Factor()
    {
        if (_scaling!.FindSingle("factor") is { } factor)
            return factor;
        return _type == "yarn" && FindOriginalLength() is { } original ? (float)_contextLength / original : throw _scaling.Missing("factor");
    }

    private int? FindOriginalLength()
    {
        int? inner = _scaling!.FindInt32(OriginalLength), outer = _configuration.FindInt32(OriginalLength);
        if (inner is not null && outer is not null && inner != outer)
            throw _scaling.Fault(OriginalLength, Invariant($"{inner:N0}"), Invariant($"'{OriginalLength}' of the configuration itself is {outer:N0}; remove one of them, or make both equal"));
        return (inner ?? outer) is not { } length ? null
            : length > 0 ? length
            : throw (inner is null ? _configuration : _scaling).Fault(OriginalLength, Invariant($"{length:N0}"), "it must be 1 or more");
    }

    // The formula of 'dynamic' scaling uses max_position_embeddings as the length that the model was trained for, so an original length that differs
    // from max_position_embeddings would contradict the formula.
    private void RequireSameLength()
    {
        if (_scaling!.FindInt32(OriginalLength) is { } original && original != _contextLength)
            throw _scaling.Fault(OriginalLength, Invariant($"{original:N0}"), Invariant($"it must equal max_position_embeddings, {_contextLength:N0}, beyond which 'dynamic' scaling begins"));
    }

    private void AddYarn(OrderedDictionary<string, object> metadata, RopeScalingKeys keys, float factor)
    {
        if (FindOriginalLength() is { } original)
            metadata[keys.OriginalContextLength] = ModelMetadata.Count(original);
        if (FindAttentionFactor(factor) is { } attention)
            metadata[keys.AttentionFactor] = attention / YarnTemperature.Of(factor);
        // A value of 0 is treated as absent, as in the Python code of transformers.
        if (_scaling!.FindSingle("beta_fast") is { } fast and not 0)
            metadata[keys.BetaFast] = fast;
        if (_scaling.FindSingle("beta_slow") is { } slow and not 0)
            metadata[keys.BetaSlow] = slow;
        if (_scaling.FindBoolean("truncate") == false)
            metadata[keys.Truncate] = false;
        _scaling.FindBoolean("finetuned");
    }

    // The two multipliers of the temperature (mscale and mscale_all_dim), which DeepSeek introduced, are applied only if both are present.
    private float? FindAttentionFactor(float factor)
    {
        float? attention = _scaling!.FindSingle("attention_factor"), multiplier = _scaling.FindSingle("mscale"), multiplierOfAll = _scaling.FindSingle("mscale_all_dim");
        return attention ?? (multiplier is { } one and not 0 && multiplierOfAll is { } other and not 0
            ? YarnTemperature.Of(factor, one) / YarnTemperature.Of(factor, other)
            : null);
    }
}
