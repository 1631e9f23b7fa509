using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>The softmax of a row of scores that come block by block (Milakov and Gimelshein 2018, arXiv 1805.02867).</summary>
internal static class RunningSoftmax
{
    /// <summary>
    /// Replaces each score of a row by the exponential of its difference from the largest score so far, or by 0 if the row does not attend to the
    /// position. Then rescales the previous sums to the new largest score.
    /// </summary>
    /// <param name="scores">The scores of a block of <see cref="Attention.BlockLength"/> positions.</param>
    /// <param name="visibleCount">The number of positions of the block that the row attends to; 0 or less means none.</param>
    /// <param name="maximum">The row's largest score so far.</param>
    /// <param name="total">The row's sum of exponentials so far.</param>
    /// <param name="sums">The row's weighted sums of values so far; their number is a multiple of 16.</param>
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
        float max = MathF.Max(maximum, Largest(ref x));
        float blockTotal = ReplaceByExponentials(ref x, max);
        if (max != maximum)
        {
            float correction = MathF.Exp(maximum - max);
            maximum = max;
            total *= correction;
            Scale(sums, correction);
        }

        total += blockTotal;
    }

    // NaN need not be detected here: the exponential of NaN is NaN, and so is every sum that contains it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(ref float x)
    {
        Vector128<float> largest;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> wide = Vector512.LoadUnsafe(ref x);
            for (int i = Vector512<float>.Count; i < Attention.BlockLength; i += Vector512<float>.Count)
            {
                wide = Vector512.MaxNative(wide, Vector512.LoadUnsafe(ref x, (nuint)i));
            }

            Vector256<float> half = Vector256.MaxNative(wide.GetLower(), wide.GetUpper());
            largest = Vector128.MaxNative(half.GetLower(), half.GetUpper());
        }
        else
        {
            largest = Vector128.LoadUnsafe(ref x);
            for (int i = Vector128<float>.Count; i < Attention.BlockLength; i += Vector128<float>.Count)
            {
                largest = Vector128.MaxNative(largest, Vector128.LoadUnsafe(ref x, (nuint)i));
            }
        }

        largest = Vector128.MaxNative(largest, Vector128.Shuffle(largest, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(largest, Vector128.Shuffle(largest, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    // Replaces each score x of a block by e^(x − max); returns the sum of the results.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float ReplaceByExponentials(ref float x, float max)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> sums = Vector512<float>.Zero;
            for (int i = 0; i < Attention.BlockLength; i += Vector512<float>.Count)
            {
                Vector512<float> exponential = Exponential.Of(Vector512.LoadUnsafe(ref x, (nuint)i) - Vector512.Create(max));
                exponential.StoreUnsafe(ref x, (nuint)i);
                sums += exponential;
            }

            return Vector512.Sum(sums);
        }

        Vector<float> totals = Vector<float>.Zero;
        for (int i = 0; i < Attention.BlockLength; i += Vector<float>.Count)
        {
            Vector<float> exponential = Exponential.Of(Vector.LoadUnsafe(ref x, (nuint)i) - new Vector<float>(max));
            exponential.StoreUnsafe(ref x, (nuint)i);
            totals += exponential;
        }

        return Vector.Sum(totals);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(Span<float> sums, float factor)
    {
        ref float sum = ref MemoryMarshal.GetReference(sums);
        for (int i = 0; i < sums.Length; i += Vector128<float>.Count)
        {
            (Vector128.LoadUnsafe(ref sum, (nuint)i) * factor).StoreUnsafe(ref sum, (nuint)i);
        }
    }
}
