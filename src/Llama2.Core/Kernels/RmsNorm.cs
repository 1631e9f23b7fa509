using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Kernels;

/// <summary>Root mean square layer normalization, Zhang and Sennrich 2019 (arXiv 1910.07467).</summary>
internal static class RmsNorm
{
    /// <summary><c>output = input / √(mean(input²) + epsilon) · weight</c>. All spans have the same length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(ReadOnlySpan<float> input, ReadOnlySpan<float> weight, float epsilon, Span<float> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weight.Length, input.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, input.Length);
        ref float x = ref MemoryMarshal.GetReference(input);
        ref float w = ref MemoryMarshal.GetReference(weight);
        ref float y = ref MemoryMarshal.GetReference(output);
        int width = Vector<float>.Count, whole = input.Length / width * width;
        Vector<float> squares = Vector<float>.Zero;
        for (int i = 0; i < whole; i += width)
        {
            var value = Vector.LoadUnsafe(ref x, (nuint)i);
            squares += value * value;
        }

        float sum = Vector.Sum(squares);
        for (int i = whole; i < input.Length; i++)
        {
            sum += Unsafe.Add(ref x, i) * Unsafe.Add(ref x, i);
        }

        float scale = float.IsFinite(sum) ? 1 / MathF.Sqrt(sum / input.Length + epsilon) : ScaleInDouble(input, epsilon);
        for (int i = 0; i < whole; i += width)
        {
            (Vector.LoadUnsafe(ref x, (nuint)i) * scale * Vector.LoadUnsafe(ref w, (nuint)i)).StoreUnsafe(ref y, (nuint)i);
        }

        for (int i = whole; i < input.Length; i++)
        {
            Unsafe.Add(ref y, i) = Unsafe.Add(ref x, i) * scale * Unsafe.Add(ref w, i);
        }
    }

    // Used if squares of elements overflow a float, which happens if an element's magnitude is above about 1e19. NaN stays NaN.
    private static float ScaleInDouble(ReadOnlySpan<float> input, float epsilon)
    {
        double sum = 0;
        foreach (float value in input)
        {
            sum += (double)value * value;
        }

        return (float)(1 / Math.Sqrt(sum / input.Length + epsilon));
    }
}
