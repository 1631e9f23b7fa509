namespace Llama2.Quantization.Encoders;

/// <summary>Q6_K: codes around zero; the groups' scales are signed 8-bit multiples of the block's.</summary>
internal readonly struct Q6_KEncoding : IEncoding
{
    private const int ScaleLimit = 128;

    public static bool ComparesWithRow => false;

    public static float VarianceFactor => 1;

    public static void Search(GroupLanes groups)
    {
        // With so many codes, errors are weighted only with the importance of the column, not with the magnitude of the weights.
        if (!groups.HasColumnImportance)
        {
            GroupImportance.FromSquares(groups);
        }

        SignedScaleSearch.Run(groups, Q6_K.Bias);
    }

    public static void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts)
    {
        float extreme = GroupScaleCodes.Extreme(groups.Scales);
        bool isZero = MathF.Abs(extreme) < SignedScaleSearch.SmallestMagnitude;
        float factor = isZero ? 0 : -ScaleLimit / extreme;
        parts.Scale = isZero ? Half.Zero : (Half)(1 / factor);
        parts.Offset = Half.Zero;
        for (int group = 0; group < GroupLanes.Capacity; group++)
        {
            parts.GroupScales[group] = GroupScaleCodes.Nearest(groups.Scales[group], factor, ScaleLimit);
        }

        GroupScaleCodes.EncodeWeights<Q6_K>(groups, firstGroup, weights, ref parts);
    }
}
