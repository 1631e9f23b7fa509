using System.Numerics;

namespace Llama2.Quantization.Encoders;

/// <summary>
/// Sets the importance of each weight by GGML's rules for each format (ggml-quants.c). In a search, the error of a weight is multiplied by the
/// weight's importance.
/// </summary>
internal static class GroupImportance
{
    /// <summary>Importance = the weight's square, so that errors of large weights are more important.</summary>
    public static void FromSquares(GroupLanes groups)
    {
        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            for (int i = 0; i < groups.GroupLength; i++)
            {
                Vector<float> weight = groups.Weights(i, lane);
                groups.SetImportance(i, lane, weight * weight);
            }
        }
    }

    /// <summary>
    /// Importance = the weight's magnitude. If <paramref name="addsMean"/> is true, the root of the mean square of the weight's group is added.
    /// </summary>
    public static void FromMagnitudes(GroupLanes groups, bool addsMean)
    {
        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            Vector<float> mean = addsMean ? RootMeanSquare(groups, lane) : Vector<float>.Zero;
            for (int i = 0; i < groups.GroupLength; i++)
            {
                groups.SetImportance(i, lane, mean + Vector.Abs(groups.Weights(i, lane)));
            }
        }
    }

    /// <summary>Importance = the column's importance times the root of (the weight's square + <see cref="GroupLanes.Variances"/>).</summary>
    public static void FromColumns(GroupLanes groups)
    {
        for (int lane = 0; lane < groups.GroupCount; lane += Vector<float>.Count)
        {
            var variance = new Vector<float>(groups.Variances, lane);
            Vector<float> sum = Vector<float>.Zero;
            for (int i = 0; i < groups.GroupLength; i++)
            {
                Vector<float> weight = groups.Weights(i, lane);
                Vector<float> importance = groups.Importance(i, lane) * Vector.SquareRoot(variance + weight * weight);
                groups.SetImportance(i, lane, importance);
                sum += importance;
            }

            sum.CopyTo(groups.ImportanceSums, lane);
        }
    }

    private static Vector<float> RootMeanSquare(GroupLanes groups, int lane)
    {
        Vector<float> sum = Vector<float>.Zero;
        for (int i = 0; i < groups.GroupLength; i++)
        {
            Vector<float> weight = groups.Weights(i, lane);
            sum += weight * weight;
        }

        return Vector.SquareRoot(sum / new Vector<float>(groups.GroupLength));
    }
}
