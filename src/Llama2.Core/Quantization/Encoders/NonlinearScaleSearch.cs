using System.Numerics;
using System.Runtime.CompilerServices;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// For each group, tries 16 scales with the code values of <see cref="NonlinearCodes"/>, and takes the one with the least squared error, weighted by
/// importance.
/// </summary>
internal static class NonlinearScaleSearch
{
    private const int StepCount = 7;
    private const float SmallestCode = -127;

    /// <summary>Writes <see cref="GroupLanes.Scales"/>.</summary>
    public static void Run(GroupLanes groups)
    {
        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            Vector<float> extreme = groups.Extremes(lane);
            (Vector<float> product, Vector<float> square) = Sums(groups, lane, Vector<float>.One / (-extreme / new Vector<float>(SmallestCode)));
            Vector<float> scale = Vector.ConditionalSelect(Vector.GreaterThan(square, Vector<float>.Zero), product / square, Vector<float>.Zero);
            Vector<float> best = scale * product;
            for (int step = -StepCount; step <= StepCount; step++)
            {
                (product, square) = Sums(groups, lane, new Vector<float>(step + SmallestCode) / extreme);
                Vector<int> isBetter = Vector.GreaterThan(square, Vector<float>.Zero) & Vector.GreaterThan(product * product, best * square);
                Vector<float> fitted = product / square;
                scale = Vector.ConditionalSelect(isBetter, fitted, scale);
                best = Vector.ConditionalSelect(isBetter, fitted * product, best);
            }

            Vector<int> isZero = Vector.LessThan(Vector.Abs(extreme), new Vector<float>(SignedScaleSearch.SmallestMagnitude));
            Vector.ConditionalSelect(isZero, Vector<float>.Zero, scale).CopyTo(groups.Scales, lane);
        }
    }

    /// <summary>For each lane, the value of the table that is nearest to the lane's number; the larger value if two are equally near.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Nearest(Vector<float> number)
    {
        // The search is a tree of selections. A number is above the midpoint of two neighbouring values if twice the number is above their sum.
        Vector<float> twice = number + number;
        Vector<float> negative = Select(
            twice,
            -114,
            Select(twice, -187, Select(twice, -231, -127, -104), Select(twice, -148, -83, -65)),
            Select(twice, -57, Select(twice, -84, -49, -35), Select(twice, -32, -22, -10)));
        Vector<float> positive = Select(
            twice,
            91,
            Select(twice, 38, Select(twice, 14, 1, 13), Select(twice, 63, 25, 38)),
            Select(twice, 158, Select(twice, 122, 53, 69), Select(twice, 202, 89, 113)));
        return Select(twice, -9, negative, positive);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Select(Vector<float> twice, float sum, float lower, float upper)
        => Select(twice, sum, new Vector<float>(lower), new Vector<float>(upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Select(Vector<float> twice, float sum, Vector<float> lower, Vector<float> upper)
        => Vector.ConditionalSelect(Vector.GreaterThanOrEqual(twice, new Vector<float>(sum)), upper, lower);

    /// <summary>
    /// Computes the codes of a group: for each weight, the table's value nearest to factor · weight, plus 128, as
    /// <see cref="NonlinearCodes.Unpack"/> returns it.
    /// </summary>
    public static void Encode(ReadOnlySpan<float> weights, float factor, Span<byte> codes)
    {
        Span<float> values = stackalloc float[Vector<float>.Count];
        for (int i = 0; i < weights.Length; i += values.Length)
        {
            Nearest(new Vector<float>(factor) * new Vector<float>(weights[i..])).CopyTo(values);
            for (int k = 0; k < values.Length; k++)
            {
                codes[i + k] = (byte)(values[k] + NonlinearCodes.Bias);
            }
        }
    }

    private static (Vector<float> Product, Vector<float> Square) Sums(GroupLanes groups, int lane, Vector<float> factor)
    {
        Vector<float> product = Vector<float>.Zero, square = Vector<float>.Zero;
        for (int i = 0; i < groups.GroupLength; i++)
        {
            Vector<float> weight = groups.Weights(i, lane), code = Nearest(factor * weight), weighted = groups.Importance(i, lane) * code;
            product += weighted * weight;
            square += weighted * code;
        }

        return (product, square);
    }
}
