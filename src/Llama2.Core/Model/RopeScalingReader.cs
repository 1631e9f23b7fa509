using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// Reads how a GGUF file extends its model's context: the keys that llama.cpp's converter writes, the key <c>scale_linear</c> of older converters,
/// and two keys of this library for properties that have no GGUF key. An unknown key of the group is refused, because it may change the computation.
/// </summary>
internal static class RopeScalingReader
{
    /// <summary>A key of this library: whether YaRN's ramp is rounded to whole pairs; true if the key is absent.</summary>
    public const string TruncateKey = Prefix + "yarn_truncate";

    /// <summary>
    /// A key of this library: the factor of dynamic NTK-aware scaling. Programs that do not know it still compute correctly within the trained
    /// length.
    /// </summary>
    public const string DynamicKey = Prefix + "dynamic_factor";

    private const string Prefix = "llama.rope.scaling.";
    private const string TypeKey = Prefix + "type";
    private const string AttentionKey = Prefix + "attn_factor", YarnAttentionKey = Prefix + "yarn_attn_factor";
    private const string ExtrapolationKey = Prefix + "yarn_ext_factor";

    private static readonly HashSet<string> s_known =
    [
        TypeKey, AttentionKey, YarnAttentionKey, ExtrapolationKey, TruncateKey, DynamicKey, Prefix + "factor", Prefix + "original_context_length",
        Prefix + "yarn_beta_fast", Prefix + "yarn_beta_slow",
        // States how the model was made, and does not change the computation.
        Prefix + "finetuned",
    ];

    /// <exception cref="ModelFormatException">A value is of a wrong type or out of range, or the way of scaling is not known.</exception>
    public static RopeScaling Read(MetadataReader metadata)
    {
        foreach (string key in metadata.Keys.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal) && !s_known.Contains(key)))
        {
            throw metadata.Fault(key, "present", "this library does not know it, and it may change the results");
        }

        string type = metadata.FindString(TypeKey) ?? "linear";
        if (type == "yarn")
        {
            return ReadYarn(metadata);
        }

        if (type is not ("none" or "linear"))
        {
            throw metadata.Fault(TypeKey, type, "'none', 'linear' and 'yarn' are supported");
        }

        RefuseYarn(metadata, type);
        RopeScaling scaling = type == "linear" && ReadFactor(metadata) is > 1 and float factor ? RopeScaling.Linear(factor) : RopeScaling.None;
        return metadata.FindSingle(DynamicKey, 1, RopeScaling.MaxFactor) is not { } dynamic ? scaling
            : scaling == RopeScaling.None ? RopeScaling.DynamicNtk(dynamic)
            : throw metadata.Fault(DynamicKey, Invariant($"{dynamic}"), Invariant($"the file has a linear scaling by {scaling.Factor} too; a model has only one"));
    }

    // Other kinds of scaling have no attention factor, and leave no frequency unscaled.
    private static void RefuseYarn(MetadataReader metadata, string type)
    {
        foreach ((string key, float neutral) in new[] { (AttentionKey, 1f), (YarnAttentionKey, 1f), (ExtrapolationKey, 0f) })
        {
            if (metadata.FindSingle(key, 0, RopeScaling.MaxAttentionFactor) is float value && value != neutral)
            {
                throw metadata.Fault(key, Invariant($"{value}"), $"it must be {neutral} except for 'yarn' scaling, and {TypeKey} is '{type}'");
            }
        }

        if (metadata.FindBoolean(TruncateKey) == false)
        {
            throw metadata.Fault(TruncateKey, "false", $"only 'yarn' scaling has a ramp, and {TypeKey} is '{type}'");
        }
    }

    private static RopeScaling ReadYarn(MetadataReader metadata)
    {
        const string FastKey = Prefix + "yarn_beta_fast", SlowKey = Prefix + "yarn_beta_slow";
        if (metadata.FindSingle(DynamicKey, 1, RopeScaling.MaxFactor) is float dynamic)
        {
            throw metadata.Fault(DynamicKey, Invariant($"{dynamic}"), $"{TypeKey} is 'yarn'; a model has only one scaling");
        }

        float fast = metadata.FindSingle(FastKey, RopeScaling.MinBeta, RopeScaling.MaxBeta) ?? RopeScaling.DefaultBetaFast;
        float slow = metadata.FindSingle(SlowKey, RopeScaling.MinBeta, RopeScaling.MaxBeta) ?? RopeScaling.DefaultBetaSlow;
        return slow <= fast
            ? RopeScaling.Yarn(
                ReadFactor(metadata),
                metadata.FindInt32(Prefix + "original_context_length", 1, RopeScaling.MaxContextLength),
                metadata.FindSingle(ExtrapolationKey, 0, 1) ?? 1,
                ReadAttention(metadata),
                fast,
                slow,
                metadata.FindBoolean(TruncateKey) ?? true)
            : throw metadata.Fault(SlowKey, Invariant($"{slow}"), Invariant($"it must not exceed {FastKey}, which is {fast}"));
    }

    // llama.cpp multiplies the two.
    private static float ReadAttention(MetadataReader metadata)
    {
        const float Min = RopeScaling.MinAttentionFactor, Max = RopeScaling.MaxAttentionFactor;
        float product = (metadata.FindSingle(AttentionKey, Min, Max) ?? 1) * (metadata.FindSingle(YarnAttentionKey, Min, Max) ?? 1);
        return product is >= Min and <= Max
            ? product
            : throw metadata.Fault(YarnAttentionKey, Invariant($"{product}, multiplied by {AttentionKey},"), Invariant($"the product must be from {Min} to {Max}"));
    }

    // Converters write 0 for a model that is not scaled.
    private static float ReadFactor(MetadataReader metadata)
    {
        const string Key = Prefix + "factor", OldKey = "llama.rope.scale_linear";
        (string key, float factor) = metadata.FindSingle(Key, 0, RopeScaling.MaxFactor) is float current
            ? (Key, current)
            : (OldKey, metadata.FindSingle(OldKey, 0, RopeScaling.MaxFactor) ?? 1);
        return factor is 0 ? 1
            : factor >= 1 ? factor
            : throw metadata.Fault(key, Invariant($"{factor}"), "it must be 0 for no scaling, or 1 or more: a model's context is not shortened");
    }
}
