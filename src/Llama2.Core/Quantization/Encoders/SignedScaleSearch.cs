using System.Numerics;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// Finds, for each group, the scale that gives the least squared error with codes from −n to n − 1. Errors are weighted by importance. It tries 19
/// scales near the one with which the weight of the largest magnitude has the code −n. For each of these scales, it computes the codes, and then, by
/// least squares, the scale that fits these codes best. Of the 19 results, it takes the best.
/// </summary>
internal static class SignedScaleSearch
{
    // If the magnitudes of all weights of a group are smaller than this number, the weights are treated as zero, because the inverse of the scale
    // would be infinite.
    public const float SmallestMagnitude = 1e-15f;

    private const int StepCount = 9;
    private const float Step = 0.1f;

    /// <summary>
    /// Writes <see cref="GroupLanes.Scales"/>, <see cref="GroupLanes.Factors"/> and <see cref="GroupLanes.Bases"/>. The bases are zero, except for
    /// groups of zeros.
    /// </summary>
    /// <param name="groups">The weights and their importance.</param>
    /// <param name="limit">The number n: codes are from −n to n − 1.</param>
    public static void Run(GroupLanes groups, int limit)
    {
        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            Vector<float> extreme = groups.Extremes(lane);
            Vector<float> factor = new Vector<float>(-limit) / extreme;
            (Vector<float> product, Vector<float> square) = Sums(groups, lane, factor, limit);
            Vector<float> scale = Vector.ConditionalSelect(Vector.GreaterThan(square, Vector<float>.Zero), product / square, Vector<float>.Zero);
            Vector<float> best = scale * product;
            for (int step = -StepCount; step <= StepCount; step++)
            {
                if (step == 0)
                {
                    continue;
                }

                Vector<float> candidate = new Vector<float>(-(limit + Step * step)) / extreme;
                (product, square) = Sums(groups, lane, candidate, limit);
                Vector<int> isBetter = Vector.GreaterThan(square, Vector<float>.Zero) & Vector.GreaterThan(product * product, best * square);
                Vector<float> fitted = product / square;
                scale = Vector.ConditionalSelect(isBetter, fitted, scale);
                best = Vector.ConditionalSelect(isBetter, fitted * product, best);
                factor = Vector.ConditionalSelect(isBetter, candidate, factor);
            }

            Vector<int> isZero = Vector.LessThan(Vector.Abs(extreme), new Vector<float>(SmallestMagnitude));
            Vector.ConditionalSelect(isZero, Vector<float>.Zero, scale).CopyTo(groups.Scales, lane);
            // The weights of a group of zeros have the lowest code, as in GGML's files.
            Vector.ConditionalSelect(isZero, Vector<float>.One, factor).CopyTo(groups.Factors, lane);
            Vector.ConditionalSelect(isZero, new Vector<float>(limit), Vector<float>.Zero).CopyTo(groups.Bases, lane);
        }
    }

    private static (Vector<float> Product, Vector<float> Square) Sums(GroupLanes groups, int lane, Vector<float> factor, int limit)
    {
        Vector<float> smallest = new(-limit), largest = new(limit - 1), product = Vector<float>.Zero, square = Vector<float>.Zero;
        for (int i = 0; i < groups.GroupLength; i++)
        {
            Vector<float> weight = groups.Weights(i, lane), importance = groups.Importance(i, lane);
            Vector<float> code = Vector.MinNative(Vector.MaxNative(Vector.Round(factor * weight), smallest), largest);
            product += importance * weight * code;
            square += importance * code * code;
        }

        return (product, square);
    }
}
