namespace Llama2.Quantization.Encoders;

/// <summary>
/// The encoding of Q2_K, Q4_K and Q5_K: each group has a scale and an offset, which are integer multiples of the block's scale and offset.
/// </summary>
internal readonly struct OffsetSuperBlocks<TFormat> : IEncoding
    where TFormat : struct, IBlockFormat
{
    public static bool ComparesWithRow => false;

    public static float VarianceFactor => TFormat.Type == GgmlType.Q2_K ? 1 : 2;

    // The largest of the integers by which the block's scale and offset are multiplied.
    private static int GroupLimit => TFormat.Type == GgmlType.Q2_K ? 15 : 63;

    private static ScaleOffsetPlan Plan => TFormat.Type switch
    {
        GgmlType.Q2_K => new(TFormat.MaxCode, -0.5f, 0.1f, 15, UsesAbsoluteError: true),
        GgmlType.Q4_K => new(TFormat.MaxCode, -1, 0.1f, 20),
        _ => new(TFormat.MaxCode, -0.5f, 0.1f, 15),
    };

    public static void Search(GroupLanes groups)
    {
        if (groups.HasColumnImportance)
        {
            GroupImportance.FromColumns(groups);
            ScaleOffsetSearch.Run(groups, ScaleOffsetPlan.WithColumnImportance(TFormat.MaxCode));
            return;
        }

        GroupImportance.FromMagnitudes(groups, addsMean: TFormat.Type != GgmlType.Q2_K);
        ScaleOffsetSearch.Run(groups, Plan);
    }

    public static void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts)
    {
        int groupCount = TFormat.BlockLength / TFormat.GroupLength;
        Span<byte> scales = stackalloc byte[groupCount];
        parts.Scale = (Half)RoundGroups(groups, firstGroup, groups.Scales, scales);
        parts.Offset = (Half)RoundGroups(groups, firstGroup, groups.Offsets, parts.GroupOffsets[..groupCount]);
        for (int group = 0; group < groupCount; group++)
        {
            parts.GroupScales[group] = (sbyte)scales[group];
        }

        GroupScaleCodes.EncodeWeights<TFormat>(groups, firstGroup, weights, ref parts);
    }

    private static float RoundGroups(GroupLanes groups, int firstGroup, float[] found, Span<byte> codes)
    {
        ReadOnlySpan<float> values = found.AsSpan(firstGroup, codes.Length);
        if (groups.HasColumnImportance)
        {
            return UnsignedScaleFit.Run(values, groups.ImportanceSums.AsSpan(firstGroup, codes.Length), GroupLimit, codes);
        }

        float largest = 0;
        foreach (float value in values)
        {
            largest = MathF.Max(largest, value);
        }

        float factor = largest > 0 ? GroupLimit / largest : 0;
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = (byte)Math.Clamp(MathF.Round(factor * values[i]), 0, GroupLimit);
        }

        return largest / GroupLimit;
    }
}
