namespace Llama2.Architectures;

/// <summary>
/// The keys under which GGUF files state how the rotary embedding is scaled: the keys that llama.cpp's converter writes, and two keys of this library
/// for properties for which GGUF has no key. Immutable.
/// </summary>
/// <param name="architecture">The name of the architecture.</param>
internal sealed class RopeScalingKeys(string architecture)
{
    /// <summary>The prefix of all keys except <see cref="OldFactor"/>.</summary>
    public string Prefix { get; } = $"{architecture}.rope.scaling.";

    public string Type { get; } = $"{architecture}.rope.scaling.type";

    public string Factor { get; } = $"{architecture}.rope.scaling.factor";

    /// <summary>A key of old converters: the factor of linear scaling.</summary>
    public string OldFactor { get; } = $"{architecture}.rope.scale_linear";

    public string OriginalContextLength { get; } = $"{architecture}.rope.scaling.original_context_length";

    public string AttentionFactor { get; } = $"{architecture}.rope.scaling.attn_factor";

    public string YarnAttentionFactor { get; } = $"{architecture}.rope.scaling.yarn_attn_factor";

    public string ExtrapolationFactor { get; } = $"{architecture}.rope.scaling.yarn_ext_factor";

    public string BetaFast { get; } = $"{architecture}.rope.scaling.yarn_beta_fast";

    public string BetaSlow { get; } = $"{architecture}.rope.scaling.yarn_beta_slow";

    /// <summary>
    /// A key of this library: whether the start and the end of YaRN's ramp are rounded to whole pairs of elements; true if the key is missing.
    /// </summary>
    public string Truncate { get; } = $"{architecture}.rope.scaling.yarn_truncate";

    /// <summary>
    /// A key of this library: the factor of dynamic NTK-aware scaling. Programs that do not know the key compute correctly as long as the context is
    /// no longer than the length that the model was trained for.
    /// </summary>
    public string DynamicFactor { get; } = $"{architecture}.rope.scaling.dynamic_factor";

    /// <summary>Whether the model was fine-tuned with scaling; the value has no effect on the computation.</summary>
    public string IsFinetuned { get; } = $"{architecture}.rope.scaling.finetuned";

    /// <summary>Whether a key that begins with the prefix is one of these keys.</summary>
    public bool IsKnown(string key) => Array.Exists(
        [Type, Factor, OriginalContextLength, AttentionFactor, YarnAttentionFactor, ExtrapolationFactor, BetaFast, BetaSlow, Truncate, DynamicFactor, IsFinetuned],
        known => known == key);
}
