namespace Llama2.Architectures;

/// <summary>
/// The keys under which GGUF files state how the rotary embedding is scaled: those that llama.cpp's converter writes, and two of this library for
/// properties without a GGUF key. Immutable.
/// </summary>
/// <param name="architecture">The name of the architecture.</param>
internal sealed class RopeScalingKeys(string architecture)
{
    /// <summary>What all of them begin with, except <see cref="OldFactor"/>.</summary>
    public string Prefix { get; } = $"{architecture}.rope.scaling.";

    public string Type { get; } = $"{architecture}.rope.scaling.type";

    public string Factor { get; } = $"{architecture}.rope.scaling.factor";

    /// <summary>Of old converters: the factor of a linear scaling.</summary>
    public string OldFactor { get; } = $"{architecture}.rope.scale_linear";

    public string OriginalContextLength { get; } = $"{architecture}.rope.scaling.original_context_length";

    public string AttentionFactor { get; } = $"{architecture}.rope.scaling.attn_factor";

    public string YarnAttentionFactor { get; } = $"{architecture}.rope.scaling.yarn_attn_factor";

    public string ExtrapolationFactor { get; } = $"{architecture}.rope.scaling.yarn_ext_factor";

    public string BetaFast { get; } = $"{architecture}.rope.scaling.yarn_beta_fast";

    public string BetaSlow { get; } = $"{architecture}.rope.scaling.yarn_beta_slow";

    /// <summary>Of this library: whether YaRN's ramp is rounded to whole pairs; true if the key is absent.</summary>
    public string Truncate { get; } = $"{architecture}.rope.scaling.yarn_truncate";

    /// <summary>Of this library: the factor of dynamic NTK-aware scaling. Programs that do not know it still compute correctly within the trained length.</summary>
    public string DynamicFactor { get; } = $"{architecture}.rope.scaling.dynamic_factor";

    /// <summary>Says how the model was made, and changes nothing.</summary>
    public string IsFinetuned { get; } = $"{architecture}.rope.scaling.finetuned";

    /// <summary>Whether a key with the prefix is one of these.</summary>
    public bool IsKnown(string key) => Array.Exists(
        [Type, Factor, OriginalContextLength, AttentionFactor, YarnAttentionFactor, ExtrapolationFactor, BetaFast, BetaSlow, Truncate, DynamicFactor, IsFinetuned],
        known => known == key);
}
