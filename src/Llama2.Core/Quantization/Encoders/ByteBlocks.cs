using System.Numerics;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// The encoding of Q8_0: the weight of the largest magnitude gets the code 127 or −127. The importance of columns is ignored, because with 8 bits it
/// would make no noticeable difference.
/// </summary>
internal readonly struct ByteBlocks : IEncoding
{
    private const float Limit = 127;

    public static bool ComparesWithRow => false;

    public static float VarianceFactor => 1;

    public static void Search(GroupLanes groups)
    {
        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            Vector<float> scale = Vector.Abs(groups.Extremes(lane)) / new Vector<float>(Limit);
            scale.CopyTo(groups.Scales, lane);
            Vector.ConditionalSelect(Vector.Equals(scale, Vector<float>.Zero), Vector<float>.Zero, Vector<float>.One / scale).CopyTo(groups.Factors, lane);
        }
    }

    public static void Encode(GroupLanes groups, int firstGroup, ReadOnlySpan<float> weights, ref BlockParts parts)
    {
        parts.Scale = (Half)groups.Scales[firstGroup];
        WeightCodes.Multiply<Q8_0, NearestAway>(weights, groups.Factors[firstGroup], 0, parts.Codes);
    }
}
