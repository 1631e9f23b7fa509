using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>The softmax of a row of scores that come block by block (Milakov and Gimelshein 2018, arXiv 1805.02867).</summary>
internal static class RunningSoftmax
{
    /// <summary>
    /// Replaces a row's scores by exponentials of their distance from the largest score so far, 0 where the row does not see the position,
    /// and brings what was summed before to the new largest score.
    /// </summary>
    /// <param name="scores">The scores of a block of <see cref="Attention.BlockLength"/> positions.</param>
    /// <param name="visibleCount">Positions of the block that the row sees; none where it is not positive.</param>
    /// <param name="maximum">The row's largest score so far.</param>
    /// <param name="total">The row's sum of exponentials so far.</param>
    /// <param name="sums">The row's weighted sums of values so far.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<float> scores, int visibleCount, ref float maximum, ref float total, Span<float> sums)
    {
        if (visibleCount < Attention.BlockLength)
        {
            scores[Math.Max(0, visibleCount)..].Fill(float.NegativeInfinity);
            if (visibleCount <= 0)
            {
                scores.Clear();
                return;
            }
        }

        ref float x = ref MemoryMarshal.GetReference(scores);
        Vector<float> largest = Vector.LoadUnsafe(ref x);
        for (int i = Vector<float>.Count; i < Attention.BlockLength; i += Vector<float>.Count)
        {
            largest = Vector.Max(largest, Vector.LoadUnsafe(ref x, (nuint)i));
        }

        float max = maximum;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
        {
            max = MathF.Max(max, largest[lane]);
        }

        float blockTotal = ReplaceByExponentials(ref x, max);
        if (max != maximum)
        {
            float correction = MathF.Exp(maximum - max);
            maximum = max;
            total *= correction;
            foreach (ref float sum in sums)
            {
                sum *= correction;
            }
        }

        total += blockTotal;
    }

    // e^(x − max) for the scores of a block; returns their sum. The exponential is a tenth of a prompt's attention, so it has the widest vectors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float ReplaceByExponentials(ref float x, float max)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> sums = Vector512<float>.Zero;
            for (int i = 0; i < Attention.BlockLength; i += Vector512<float>.Count)
            {
                Vector512<float> exponential = Vector512.Exp(Vector512.LoadUnsafe(ref x, (nuint)i) - Vector512.Create(max));
                exponential.StoreUnsafe(ref x, (nuint)i);
                sums += exponential;
            }

            return Vector512.Sum(sums);
        }

        Vector<float> totals = Vector<float>.Zero;
        for (int i = 0; i < Attention.BlockLength; i += Vector<float>.Count)
        {
            Vector<float> exponential = Vector.Exp(Vector.LoadUnsafe(ref x, (nuint)i) - new Vector<float>(max));
            exponential.StoreUnsafe(ref x, (nuint)i);
            totals += exponential;
        }

        return Vector.Sum(totals);
    }
}
