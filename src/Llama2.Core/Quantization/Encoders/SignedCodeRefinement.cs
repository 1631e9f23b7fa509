using System.Numerics;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// For codes from −n to n − 1, finds the scale of each group by coordinate descent. One code after the other is set to the value that best fits the
/// scale that the other codes determine, if that reduces the error. This is repeated until no code changes, at most five times. Squared errors are
/// weighted by the squares of the weights.
/// </summary>
internal static class SignedCodeRefinement
{
    private const int RoundCount = 5;

    /// <summary>Writes the scales to <see cref="GroupLanes.Scales"/>, and the codes to <see cref="GroupLanes.Trial"/>.</summary>
    /// <param name="groups">The weights of the groups.</param>
    /// <param name="limit">The number n: codes are from −n to n − 1.</param>
    public static void Run(GroupLanes groups, int limit)
    {
        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            Vector<float> extreme = groups.Extremes(lane);
            // In a group of zeros, factor times weight is NaN, which the clamp turns into the lowest code.
            (Vector<float> product, Vector<float> square) = Start(groups, lane, new Vector<float>(-limit) / extreme, limit);
            bool hasChanged = true;
            for (int round = 0; round < RoundCount && hasChanged; round++)
            {
                hasChanged = Improve(groups, lane, limit, ref product, ref square);
            }

            Vector<int> hasScale = Vector.GreaterThan(square, Vector<float>.Zero)
                & Vector.GreaterThanOrEqual(Vector.Abs(extreme), new Vector<float>(SignedScaleSearch.SmallestMagnitude));
            Vector.ConditionalSelect(hasScale, product / square, Vector<float>.Zero).CopyTo(groups.Scales, lane);
        }
    }

    private static (Vector<float> Product, Vector<float> Square) Start(GroupLanes groups, int lane, Vector<float> factor, int limit)
    {
        Vector<float> product = Vector<float>.Zero, square = Vector<float>.Zero;
        for (int i = 0; i < groups.GroupLength; i++)
        {
            Vector<float> weight = groups.Weights(i, lane), importance = weight * weight, code = Clamp(factor * weight, limit);
            groups.SetTrial(i, lane, code);
            product += importance * weight * code;
            square += importance * code * code;
        }

        return (product, square);
    }

    private static bool Improve(GroupLanes groups, int lane, int limit, ref Vector<float> product, ref Vector<float> square)
    {
        Vector<int> hasChanged = Vector<int>.Zero;
        for (int i = 0; i < groups.GroupLength; i++)
        {
            Vector<float> weight = groups.Weights(i, lane), importance = weight * weight, code = groups.Trial(i, lane);
            Vector<float> otherProduct = product - importance * weight * code, otherSquare = square - importance * code * code;
            Vector<float> better = Clamp(weight * otherSquare / otherProduct, limit);
            Vector<float> newProduct = otherProduct + importance * weight * better, newSquare = otherSquare + importance * better * better;
            Vector<int> isBetter = Vector.GreaterThan(otherProduct, Vector<float>.Zero)
                & ~Vector.Equals(better, code)
                & Vector.GreaterThan(newSquare, Vector<float>.Zero)
                & Vector.GreaterThan(newProduct * newProduct * square, product * product * newSquare);
            groups.SetTrial(i, lane, Vector.ConditionalSelect(isBetter, better, code));
            product = Vector.ConditionalSelect(isBetter, newProduct, product);
            square = Vector.ConditionalSelect(isBetter, newSquare, square);
            hasChanged |= isBetter;
        }

        return hasChanged != Vector<int>.Zero;
    }

    private static Vector<float> Clamp(Vector<float> value, int limit)
        => Vector.MinNative(Vector.MaxNative(Vector.Round(value), new Vector<float>(-limit)), new Vector<float>(limit - 1));
}
