using System.Numerics;

namespace Llama2.Quantization.Encoders;

/// <summary>The encoding of Q4_1 and Q5_1: the block's smallest weight has the smallest code, and its largest weight the largest code.</summary>
internal readonly struct OffsetBlocks<TFormat> : IEncoding
    where TFormat : struct, IBlockFormat
{
    public static bool ComparesWithRow => true;

    public static float VarianceFactor => 1;

    public static void Search(GroupLanes groups)
    {
        if (groups.HasColumnImportance)
        {
            GroupImportance.FromColumns(groups);
            ScaleOffsetSearch.Run(groups, ScaleOffsetPlan.WithColumnImportance(TFormat.MaxCode));
            return;
        }

        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            (Vector<float> smallest, Vector<float> largest) = groups.Ranges(lane);
            Vector<float> scale = (largest - smallest) / new Vector<float>(TFormat.MaxCode);
            scale.CopyTo(groups.Scales, lane);
            (-smallest).CopyTo(groups.Offsets, lane);
            smallest.CopyTo(groups.Bases, lane);
            Vector.ConditionalSelect(Vector.Equals(scale, Vector<float>.Zero), Vector<float>.Zero, Vector<float>.One / scale).CopyTo(groups.Factors, lane);
        }
    }

    public static void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts)
    {
        parts.Scale = (Half)groups.Scales[firstGroup];
        parts.Offset = (Half)groups.Offsets[firstGroup];
        if (groups.HasColumnImportance)
        {
            WeightCodes.Multiply<TFormat, NearestEven>(weights, groups.Factors[firstGroup], groups.Bases[firstGroup], parts.Codes);
        }
        else
        {
            WeightCodes.Multiply<TFormat, NearestUp>(weights, groups.Factors[firstGroup], groups.Bases[firstGroup], parts.Codes);
        }
    }
}
