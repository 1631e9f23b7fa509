using System.Numerics;
using System.Runtime.CompilerServices;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// Finds, for each group, the scale and the offset that give the least error with codes from 0 to n. Errors are weighted by importance. For each
/// factor of a plan, it computes the nearest codes. Then it computes by least squares the scale and the offset that fit these codes best (the offset
/// is never negative), and the remaining error.
/// </summary>
internal static class ScaleOffsetSearch
{
    /// <summary>Writes <see cref="GroupLanes.Scales"/>, <see cref="GroupLanes.Offsets"/>, <see cref="GroupLanes.Factors"/> and <see cref="GroupLanes.Bases"/>.</summary>
    public static void Run(GroupLanes groups, ScaleOffsetPlan plan)
    {
        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            if (plan.UsesAbsoluteError)
            {
                Run<AbsoluteError>(groups, lane, plan);
            }
            else
            {
                Run<SquaredError>(groups, lane, plan);
            }
        }
    }

    private static void Run<TError>(GroupLanes groups, int lane, ScaleOffsetPlan plan)
        where TError : struct, IError
    {
        (Vector<float> minimum, Vector<float> largest) = groups.Ranges(lane);
        minimum = Vector.MinNative(minimum, Vector<float>.Zero);
        Vector<int> isFlat = Vector.LessThanOrEqual(largest, minimum);
        (Vector<float> importanceSum, Vector<float> weightSum) = ImportanceSums(groups, lane);
        Vector<float> factor = new Vector<float>(plan.MaxCode) / (largest - minimum), scale = Vector<float>.One / factor, bestBase = minimum;
        Try(groups, lane, factor, minimum, plan.MaxCode);
        Vector<float> bestError = Error<TError>(groups, lane, scale, minimum);
        for (int step = 0; step <= plan.StepCount; step++)
        {
            Vector<float> candidate = new Vector<float>(plan.FirstStep + plan.StepSize * step + plan.MaxCode) / (largest - minimum);
            (Vector<float> codes, Vector<float> squares, Vector<float> products) = Try(groups, lane, candidate, minimum, plan.MaxCode);
            Vector<float> determinant = importanceSum * squares - codes * codes;
            Vector<float> newScale = (importanceSum * products - weightSum * codes) / determinant;
            Vector<float> newMinimum = (squares * weightSum - codes * products) / determinant;
            Vector<int> isPositive = Vector.GreaterThan(newMinimum, Vector<float>.Zero);
            newScale = Vector.ConditionalSelect(isPositive, products / squares, newScale);
            newMinimum = Vector.ConditionalSelect(isPositive, Vector<float>.Zero, newMinimum);
            Vector<float> error = Error<TError>(groups, lane, newScale, newMinimum);
            Vector<int> isBetter = Vector.GreaterThan(determinant, Vector<float>.Zero) & Vector.LessThan(error, bestError);
            factor = Vector.ConditionalSelect(isBetter, candidate, factor);
            bestBase = Vector.ConditionalSelect(isBetter, minimum, bestBase);
            bestError = Vector.ConditionalSelect(isBetter, error, bestError);
            scale = Vector.ConditionalSelect(isBetter, newScale, scale);
            minimum = Vector.ConditionalSelect(isBetter, newMinimum, minimum);
        }

        // If the weights of a group are all equal and not above zero, the offset alone represents them.
        Vector.ConditionalSelect(isFlat, Vector<float>.Zero, scale).CopyTo(groups.Scales, lane);
        Vector.ConditionalSelect(isFlat, Vector<float>.Zero, factor).CopyTo(groups.Factors, lane);
        bestBase.CopyTo(groups.Bases, lane);
        (-Vector.ConditionalSelect(isFlat, largest, minimum)).CopyTo(groups.Offsets, lane);
    }

    private static (Vector<float> Importance, Vector<float> Weights) ImportanceSums(GroupLanes groups, int lane)
    {
        Vector<float> importanceSum = groups.Importance(0, lane), weightSum = importanceSum * groups.Weights(0, lane);
        for (int i = 1; i < groups.GroupLength; i++)
        {
            Vector<float> importance = groups.Importance(i, lane);
            importanceSum += importance;
            weightSum += importance * groups.Weights(i, lane);
        }

        return (importanceSum, weightSum);
    }

    // Sets the codes nearest to factor · (weight − minimum), and computes the sums of the codes, of their squares, and of their products with the
    // weights.
    private static (Vector<float> Codes, Vector<float> Squares, Vector<float> Products) Try(
        GroupLanes groups, int lane, Vector<float> factor, Vector<float> minimum, int maxCode)
    {
        Vector<float> largest = new(maxCode), codes = Vector<float>.Zero, squares = Vector<float>.Zero, products = Vector<float>.Zero;
        for (int i = 0; i < groups.GroupLength; i++)
        {
            Vector<float> weight = groups.Weights(i, lane), importance = groups.Importance(i, lane);
            Vector<float> code = Vector.Round(Vector.MinNative(Vector.MaxNative(factor * (weight - minimum), Vector<float>.Zero), largest));
            groups.SetTrial(i, lane, code);
            Vector<float> weighted = importance * code;
            codes += weighted;
            squares += weighted * code;
            products += weighted * weight;
        }

        return (codes, squares, products);
    }

    private static Vector<float> Error<TError>(GroupLanes groups, int lane, Vector<float> scale, Vector<float> minimum)
        where TError : struct, IError
    {
        Vector<float> error = Vector<float>.Zero;
        for (int i = 0; i < groups.GroupLength; i++)
        {
            error += groups.Importance(i, lane) * TError.Of(scale * groups.Trial(i, lane) + minimum - groups.Weights(i, lane));
        }

        return error;
    }

    private interface IError
    {
        static abstract Vector<float> Of(Vector<float> difference);
    }

    private readonly struct SquaredError : IError
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> difference) => difference * difference;
    }

    private readonly struct AbsoluteError : IError
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> difference) => Vector.Abs(difference);
    }
}
