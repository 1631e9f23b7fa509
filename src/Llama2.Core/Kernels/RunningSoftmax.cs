using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// The softmax of rows of scores that come block by block (Milakov and Gimelshein 2018, arXiv 1805.02867). Each step is a loop over the rows of a tile: the
/// operations on one row depend on each other, so the processor computes the next rows in the meantime.
/// </summary>
internal static class RunningSoftmax
{
    /// <summary>
    /// Replaces each score of a block by the exponential of its difference from the row's largest score so far, or by 0 if the row does not attend to the
    /// position.
    /// </summary>
    /// <param name="scores">The scores, [rows][<see cref="Attention.BlockLength"/> positions].</param>
    /// <param name="firstPosition">The block's first position.</param>
    /// <param name="lastPositions">The last position that each row attends to.</param>
    /// <param name="maxima">Each row's largest score so far.</param>
    /// <param name="totals">Each row's sum of exponentials so far.</param>
    /// <param name="corrections">
    /// Receives for each row the factor that its sums so far must be multiplied by, because they belong to the previous largest score.
    /// </param>
    public static void Add(
        Span<float> scores, int firstPosition, ReadOnlySpan<int> lastPositions, Span<float> maxima, Span<float> totals, Span<float> corrections)
    {
        for (int row = 0; row < lastPositions.Length; row++)
        {
            int visibleCount = lastPositions[row] - firstPosition + 1;
            if (visibleCount < Attention.BlockLength)
            {
                scores.Slice(row * Attention.BlockLength, Attention.BlockLength)[Math.Max(0, visibleCount)..].Fill(float.NegativeInfinity);
            }
        }

        UpdateMaxima(scores, maxima, corrections[..lastPositions.Length]);
        ReplaceByExponentials(scores, maxima, totals, corrections[..lastPositions.Length]);
    }

    // A row that attends to no position of the block keeps its largest score, which is a number, because each row attends to position 0. NaN need not be
    // detected: the exponential of NaN is NaN, and so is every sum that contains it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void UpdateMaxima(Span<float> scores, Span<float> maxima, Span<float> corrections)
    {
        ref float x = ref MemoryMarshal.GetReference(scores);
        for (int row = 0; row < corrections.Length; row++)
        {
            float maximum = maxima[row], largest = MathF.Max(maximum, Largest(ref Unsafe.Add(ref x, row * Attention.BlockLength)));
            corrections[row] = 1;
            if (largest != maximum)
            {
                maxima[row] = largest;
                corrections[row] = MathF.Exp(maximum - largest);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReplaceByExponentials(Span<float> scores, ReadOnlySpan<float> maxima, Span<float> totals, ReadOnlySpan<float> corrections)
    {
        ref float x = ref MemoryMarshal.GetReference(scores);
        for (int row = 0; row < corrections.Length; row++)
        {
            totals[row] = totals[row] * corrections[row] + ReplaceByExponentials(ref Unsafe.Add(ref x, row * Attention.BlockLength), maxima[row]);
        }
    }

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
}
