using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>Reads how a GGUF file extends its model's context: the keys that llama.cpp's converter writes, and <c>scale_linear</c> of older ones.</summary>
internal static class RopeScalingReader
{
    private const string Prefix = "llama.rope.scaling.";
    private const string TypeKey = Prefix + "type";
    private const string AttentionKey = Prefix + "attn_factor";

    /// <exception cref="ModelFormatException">A value is of a wrong type or out of range, or the way of scaling is not known.</exception>
    public static RopeScaling Read(MetadataReader metadata)
    {
        string type = metadata.FindString(TypeKey) ?? "linear";
        if (type == "yarn")
        {
            return ReadYarn(metadata);
        }

        if (type is not ("none" or "linear"))
        {
            throw metadata.Fault(TypeKey, type, "'none', 'linear' and 'yarn' are supported");
        }

        if (metadata.FindSingle(AttentionKey, RopeScaling.MinAttentionFactor, RopeScaling.MaxAttentionFactor) is float attention and not 1)
        {
            throw metadata.Fault(AttentionKey, Invariant($"{attention}"), $"only 'yarn' scaling has an attention factor other than 1, and {TypeKey} is '{type}'");
        }

        return type == "linear" && ReadFactor(metadata) is > 1 and float factor ? RopeScaling.Linear(factor) : RopeScaling.None;
    }

    private static RopeScaling ReadYarn(MetadataReader metadata)
    {
        const string FastKey = Prefix + "yarn_beta_fast", SlowKey = Prefix + "yarn_beta_slow";
        float fast = metadata.FindSingle(FastKey, RopeScaling.MinBeta, RopeScaling.MaxBeta) ?? RopeScaling.DefaultBetaFast;
        float slow = metadata.FindSingle(SlowKey, RopeScaling.MinBeta, RopeScaling.MaxBeta) ?? RopeScaling.DefaultBetaSlow;
        return slow <= fast
            ? RopeScaling.Yarn(
                ReadFactor(metadata),
                metadata.FindInt32(Prefix + "original_context_length", 1, ModelConfiguration.MaxContextLength),
                metadata.FindSingle(Prefix + "yarn_ext_factor", 0, 1) ?? 1,
                metadata.FindSingle(AttentionKey, RopeScaling.MinAttentionFactor, RopeScaling.MaxAttentionFactor) ?? 1,
                fast,
                slow)
            : throw metadata.Fault(SlowKey, Invariant($"{slow}"), Invariant($"it must not exceed {FastKey}, which is {fast}"));
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
