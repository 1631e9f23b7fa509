namespace Llama2.Quantization.Encoders;

/// <summary>Encodes the scales of a block's groups as signed integers of a few bits.</summary>
internal static class GroupScaleCodes
{
    /// <summary>The scale of the largest magnitude, with its sign; of several with this magnitude, the first.</summary>
    public static float Extreme(ReadOnlySpan<float> scales)
    {
        float extreme = 0;
        foreach (float scale in scales)
        {
            if (MathF.Abs(scale) > MathF.Abs(extreme))
            {
                extreme = scale;
            }
        }

        return extreme;
    }

    /// <summary>The integer from −<paramref name="limit"/> to <paramref name="limit"/> − 1 that is nearest to a scale times a factor.</summary>
    public static sbyte Nearest(float scale, float factor, int limit) => (sbyte)Math.Clamp(MathF.Round(factor * scale), -limit, limit - 1);

    /// <summary>
    /// Computes the codes of a block whose scale and group scales are known. If a group's scale was rounded to zero, the group keeps the codes that the search
    /// for the scale found.
    /// </summary>
    public static void EncodeWeights<TFormat>(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts)
        where TFormat : struct, IBlockFormat
    {
        for (int group = 0, start = 0; start < weights.Length; group++, start += TFormat.GroupLength)
        {
            float scale = (float)parts.Scale * parts.GroupScales[group], offset = (float)parts.Offset * parts.GroupOffsets[group];
            ReadOnlySpan<float> groupWeights = weights.Slice(start, TFormat.GroupLength);
            if (scale == 0)
            {
                WeightCodes.Multiply<TFormat, NearestEven>(groupWeights, groups.Factors[firstGroup + group], groups.Bases[firstGroup + group], parts.Codes[start..]);
            }
            else
            {
                WeightCodes.Divide<TFormat>(groupWeights, offset, scale, parts.Codes[start..]);
            }
        }
    }
}
