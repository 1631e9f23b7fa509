using System.Numerics;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// The encoding of Q4_0 and Q5_0: codes are around zero, and each block has one scale. If no importance of columns is given, the scale is such that
/// the weight of the largest magnitude has the code furthest from zero.
/// </summary>
internal readonly struct SignedBlocks<TFormat> : IEncoding
    where TFormat : struct, IBlockFormat
{
    public static bool ComparesWithRow => true;

    public static float VarianceFactor => 1;

    public static void Search(GroupLanes groups)
    {
        if (groups.HasColumnImportance)
        {
            GroupImportance.FromColumns(groups);
            SignedScaleSearch.Run(groups, TFormat.Bias);
            return;
        }

        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            Vector<float> scale = groups.Extremes(lane) / new Vector<float>(-TFormat.Bias);
            scale.CopyTo(groups.Scales, lane);
            Vector.ConditionalSelect(Vector.Equals(scale, Vector<float>.Zero), Vector<float>.Zero, Vector<float>.One / scale).CopyTo(groups.Factors, lane);
        }
    }

    public static void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts)
    {
        parts.Scale = (Half)groups.Scales[firstGroup];
        if (groups.HasColumnImportance)
        {
            WeightCodes.Multiply<TFormat, NearestEven>(weights, groups.Factors[firstGroup], groups.Bases[firstGroup], parts.Codes);
        }
        else
        {
            WeightCodes.Multiply<TFormat, NearestUp>(weights, groups.Factors[firstGroup], 0, parts.Codes);
        }
    }
}
