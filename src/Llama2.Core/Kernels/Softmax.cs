using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Kernels;

/// <summary>Scores to probabilities: <c>e^(score − max) / Σ e^(score − max)</c>.</summary>
internal static class Softmax
{
    /// <summary>Replaces scores, at least one of them finite, by probabilities.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(Span<float> scores)
    {
        ref float x = ref MemoryMarshal.GetReference(scores);
        int width = Vector<float>.Count, whole = scores.Length / width * width;
        float max = Max(scores);
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < whole; i += width)
        {
            Vector<float> value = Vector.Exp(Vector.LoadUnsafe(ref x, (nuint)i) - new Vector<float>(max));
            value.StoreUnsafe(ref x, (nuint)i);
            sums += value;
        }

        float sum = Vector.Sum(sums);
        for (int i = whole; i < scores.Length; i++)
        {
            sum += Unsafe.Add(ref x, i) = MathF.Exp(Unsafe.Add(ref x, i) - max);
        }

        float scale = 1 / sum;
        for (int i = 0; i < whole; i += width)
        {
            (Vector.LoadUnsafe(ref x, (nuint)i) * scale).StoreUnsafe(ref x, (nuint)i);
        }

        for (int i = whole; i < scores.Length; i++)
        {
            Unsafe.Add(ref x, i) *= scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Max(ReadOnlySpan<float> scores)
    {
        float max = float.NegativeInfinity;
        int i = 0;
        if (scores.Length >= Vector<float>.Count)
        {
            var maxima = new Vector<float>(scores);
            for (i = Vector<float>.Count; i <= scores.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                maxima = Vector.Max(maxima, new Vector<float>(scores[i..]));
            }

            for (int lane = 0; lane < Vector<float>.Count; lane++)
            {
                max = MathF.Max(max, maxima[lane]);
            }
        }

        for (; i < scores.Length; i++)
        {
            max = MathF.Max(max, scores[i]);
        }

        return max;
    }
}
