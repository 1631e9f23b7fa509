namespace Llama2.Quantization.Encoders;

/// <summary>
/// The encoding of IQ4_NL and IQ4_XS. In IQ4_NL, a block is one group with one scale. In IQ4_XS, a block has eight groups, and their scales are 6-bit multiples
/// of the block's scale.
/// </summary>
internal readonly struct NonlinearBlocks<TFormat> : IEncoding
    where TFormat : struct, IBlockFormat
{
    private const int ScaleLimit = 32;

    public static bool ComparesWithRow => false;

    public static float VarianceFactor => 2;

    public static void Search(GroupLanes groups)
    {
        if (groups.HasColumnImportance)
        {
            GroupImportance.FromColumns(groups);
        }
        else
        {
            GroupImportance.FromSquares(groups);
        }

        NonlinearScaleSearch.Run(groups);
    }

    public static void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts)
    {
        int groupCount = TFormat.BlockLength / TFormat.GroupLength;
        ReadOnlySpan<float> scales = groups.Scales.AsSpan(firstGroup, groupCount);
        float scale = groupCount == 1 ? scales[0] : -GroupScaleCodes.Extreme(scales) / ScaleLimit;
        parts.Scale = (Half)scale;
        for (int group = 0; group < groupCount; group++)
        {
            parts.GroupScales[group] = groupCount == 1 ? (sbyte)1 : GroupScaleCodes.Nearest(scales[group], scale == 0 ? 0 : 1 / scale, ScaleLimit);
            float groupScale = scale * parts.GroupScales[group];
            ReadOnlySpan<float> groupWeights = weights.Slice(group * TFormat.GroupLength, TFormat.GroupLength);
            NonlinearScaleSearch.Encode(groupWeights, groupScale == 0 ? 0 : 1 / groupScale, parts.Codes[(group * TFormat.GroupLength)..]);
        }
    }
}
