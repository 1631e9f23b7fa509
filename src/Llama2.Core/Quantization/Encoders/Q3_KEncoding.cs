namespace Llama2.Quantization.Encoders;

/// <summary>The encoding of Q3_K: codes are around zero, and the scales of the groups are signed 6-bit multiples of the block's scale.</summary>
internal readonly struct Q3_KEncoding : IEncoding
{
    private const int ScaleLimit = 32;

    public static bool ComparesWithRow => false;

    public static float VarianceFactor => 2;

    public static void Search(GroupLanes groups)
    {
        if (groups.HasColumnImportance)
        {
            GroupImportance.FromColumns(groups);
            SignedScaleSearch.Run(groups, Q3_K.Bias);
        }
        else
        {
            SignedCodeRefinement.Run(groups, Q3_K.Bias);
        }
    }

    public static void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts)
    {
        parts.Offset = Half.Zero;
        if (groups.HasColumnImportance)
        {
            FitGroups(groups, ref parts);
            GroupScaleCodes.EncodeWeights<Q3_K>(groups, firstGroup, weights, ref parts);
            return;
        }

        float extreme = GroupScaleCodes.Extreme(groups.Scales), factor = extreme == 0 ? 0 : -ScaleLimit / extreme;
        parts.Scale = extreme == 0 ? Half.Zero : (Half)(1 / factor);
        for (int group = 0; group < GroupLanes.Capacity; group++)
        {
            parts.GroupScales[group] = GroupScaleCodes.Nearest(groups.Scales[group], factor, ScaleLimit);
        }

        GroupScaleCodes.EncodeWeights<Q3_K>(groups, firstGroup, weights, ref parts);
        for (int i = 0; i < weights.Length; i++)
        {
            int group = i / Q3_K.GroupLength;
            if ((float)parts.Scale * parts.GroupScales[group] == 0)
            {
                parts.Codes[i] = (byte)(groups.TrialCode(i % Q3_K.GroupLength, group) + Q3_K.Bias);
            }
        }
    }

    // The block's scale is found by the same search as the scale of a group, with the scales of the groups instead of weights.
    private static void FitGroups(GroupLanes groups, ref BlockParts parts)
    {
        Span<float> scales = stackalloc float[GroupLanes.Capacity], factors = stackalloc float[GroupLanes.Capacity], bases = stackalloc float[GroupLanes.Capacity];
        groups.Scales.CopyTo(scales);
        groups.Factors.CopyTo(factors);
        groups.Bases.CopyTo(bases);
        groups.Load(scales, scales.Length);
        groups.LoadImportance(groups.ImportanceSums);
        SignedScaleSearch.Run(groups, ScaleLimit);
        parts.Scale = (Half)groups.Scales[0];
        for (int group = 0; group < scales.Length; group++)
        {
            parts.GroupScales[group] = GroupScaleCodes.Nearest(scales[group] - groups.Bases[0], groups.Factors[0], ScaleLimit);
        }

        factors.CopyTo(groups.Factors);
        bases.CopyTo(groups.Bases);
    }
}
