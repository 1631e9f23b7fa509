namespace Llama2.Quantization.Encoders;

/// <summary>The encoding of Q6_K: codes are around zero, and the scales of the groups are signed 8-bit multiples of the block's scale.</summary>
internal readonly struct Q6_KEncoding : IEncoding
{
    private const int ScaleLimit = 128;

    public static bool ComparesWithRow => false;

    public static float VarianceFactor => 1;

    public static void Search(GroupLanes groups)
    {
        // If columns differ in importance, errors are weighted only with the importance of the column: with 64 codes, the magnitude of the weights
        // need not be considered.
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
