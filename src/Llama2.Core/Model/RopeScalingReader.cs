using Llama2.Architectures;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// Reads how a GGUF file extends its model's context. It knows the keys that llama.cpp's converter writes, the key <c>scale_linear</c> of older
/// converters, and two keys of this library for properties that have no GGUF key. Any other key of the group <c>rope.scaling</c> is refused,
/// because it may change the computation.
/// </summary>
internal static class RopeScalingReader
{
    /// <exception cref="ModelFormatException">A value is of a wrong type or out of range, or the method of scaling is unknown.</exception>
    public static RopeScaling Read(MetadataReader metadata, RopeScalingKeys keys)
    {
        foreach (string key in metadata.Keys.Where(key => key.StartsWith(keys.Prefix, StringComparison.Ordinal) && !keys.IsKnown(key)))
        {
            throw metadata.Fault(key, "present", "this library does not know it, and it may change the results");
        }

        string type = metadata.FindString(keys.Type) ?? "linear";
        if (type == "yarn")
        {
            return ReadYarn(metadata, keys);
        }

        if (type is not ("none" or "linear"))
        {
            throw metadata.Fault(keys.Type, type, "'none', 'linear' and 'yarn' are supported");
        }

        RefuseYarn(metadata, keys, type);
        RopeScaling scaling = type == "linear" && ReadFactor(metadata, keys) is > 1 and float factor ? RopeScaling.Linear(factor) : RopeScaling.None;
        return metadata.FindSingle(keys.DynamicFactor, 1, RopeScaling.MaxFactor) is not { } dynamic ? scaling
            : scaling == RopeScaling.None ? RopeScaling.DynamicNtk(dynamic)
            : throw metadata.Fault(keys.DynamicFactor, Invariant($"{dynamic}"), Invariant($"the file has a linear scaling by {scaling.Factor} too; a model must have only one scaling"));
    }

    // Refuses YaRN's properties together with another kind of scaling: the other kinds have no attention factor and scale every frequency.
    private static void RefuseYarn(MetadataReader metadata, RopeScalingKeys keys, string type)
    {
        foreach ((string key, float neutral) in new[] { (keys.AttentionFactor, 1f), (keys.YarnAttentionFactor, 1f), (keys.ExtrapolationFactor, 0f) })
        {
            if (metadata.FindSingle(key, 0, RopeScaling.MaxAttentionFactor) is float value && value != neutral)
            {
                throw metadata.Fault(key, Invariant($"{value}"), $"it must be {neutral} except for 'yarn' scaling, and {keys.Type} is '{type}'");
            }
        }

        if (metadata.FindBoolean(keys.Truncate) == false)
        {
            throw metadata.Fault(keys.Truncate, "false", $"it applies to 'yarn' scaling only, and {keys.Type} is '{type}'");
        }
    }

    private static RopeScaling ReadYarn(MetadataReader metadata, RopeScalingKeys keys)
    {
        if (metadata.FindSingle(keys.DynamicFactor, 1, RopeScaling.MaxFactor) is float dynamic)
        {
            throw metadata.Fault(keys.DynamicFactor, Invariant($"{dynamic}"), $"{keys.Type} is 'yarn'; a model must have only one scaling");
        }

        float fast = metadata.FindSingle(keys.BetaFast, RopeScaling.MinBeta, RopeScaling.MaxBeta) ?? RopeScaling.DefaultBetaFast;
        float slow = metadata.FindSingle(keys.BetaSlow, RopeScaling.MinBeta, RopeScaling.MaxBeta) ?? RopeScaling.DefaultBetaSlow;
        return slow <= fast
            ? RopeScaling.Yarn(
                ReadFactor(metadata, keys),
                metadata.FindInt32(keys.OriginalContextLength, 1, RopeScaling.MaxContextLength),
                metadata.FindSingle(keys.ExtrapolationFactor, 0, 1) ?? 1,
                ReadAttention(metadata, keys),
                fast,
                slow,
                metadata.FindBoolean(keys.Truncate) ?? true)
            : throw metadata.Fault(keys.BetaSlow, Invariant($"{slow}"), Invariant($"it must not exceed {keys.BetaFast}, which is {fast}"));
    }

    // A file may state two attention factors, which llama.cpp multiplies.
    private static float ReadAttention(MetadataReader metadata, RopeScalingKeys keys)
    {
        const float Min = RopeScaling.MinAttentionFactor, Max = RopeScaling.MaxAttentionFactor;
        float product = (metadata.FindSingle(keys.AttentionFactor, Min, Max) ?? 1) * (metadata.FindSingle(keys.YarnAttentionFactor, Min, Max) ?? 1);
        return product is >= Min and <= Max
            ? product
            : throw metadata.Fault(keys.YarnAttentionFactor, Invariant($"{product}, multiplied by {keys.AttentionFactor},"), Invariant($"the product must be from {Min} to {Max}"));
    }

    // Converters write 0 for a model that is not scaled.
    private static float ReadFactor(MetadataReader metadata, RopeScalingKeys keys)
    {
        (string key, float factor) = metadata.FindSingle(keys.Factor, 0, RopeScaling.MaxFactor) is float current
            ? (keys.Factor, current)
            : (keys.OldFactor, metadata.FindSingle(keys.OldFactor, 0, RopeScaling.MaxFactor) ?? 1);
        return factor is 0 ? 1
            : factor >= 1 ? factor
            : throw metadata.Fault(key, Invariant($"{factor}"), "it must be 0 for no scaling, or 1 or more: a model's context is not shortened");
    }
}
