using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Training.Kernels;

/// <summary>The operations from which the gradient of a norm is computed: additions to an output. All spans have the same length.</summary>
internal static class NormGradient
{
    /// <summary><c>output += gradient · weight · scale + input · inputScale</c></summary>
    public static void Add(
        ReadOnlySpan<float> gradient, ReadOnlySpan<float> weight, ReadOnlySpan<float> input, float scale, float inputScale, Span<float> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weight.Length, gradient.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Length, gradient.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, gradient.Length);
        ref float g = ref MemoryMarshal.GetReference(gradient);
        ref float w = ref MemoryMarshal.GetReference(weight);
        ref float x = ref MemoryMarshal.GetReference(input);
        ref float y = ref MemoryMarshal.GetReference(output);
        int width = Vector<float>.Count, i = 0;
        for (; i <= gradient.Length - width; i += width)
        {
            Vector<float> added = Vector.LoadUnsafe(ref g, (nuint)i) * Vector.LoadUnsafe(ref w, (nuint)i) * scale + Vector.LoadUnsafe(ref x, (nuint)i) * inputScale;
            (Vector.LoadUnsafe(ref y, (nuint)i) + added).StoreUnsafe(ref y, (nuint)i);
        }

        for (; i < gradient.Length; i++)
        {
            Unsafe.Add(ref y, i) += Unsafe.Add(ref g, i) * Unsafe.Add(ref w, i) * scale + Unsafe.Add(ref x, i) * inputScale;
        }
    }

    /// <summary><c>output += left · right · scale</c></summary>
    public static void AddScaledProduct(ReadOnlySpan<float> left, ReadOnlySpan<float> right, float scale, Span<float> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(right.Length, left.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, left.Length);
        ref float a = ref MemoryMarshal.GetReference(left);
        ref float b = ref MemoryMarshal.GetReference(right);
        ref float y = ref MemoryMarshal.GetReference(output);
        int width = Vector<float>.Count, i = 0;
        for (; i <= left.Length - width; i += width)
        {
            (Vector.LoadUnsafe(ref y, (nuint)i) + Vector.LoadUnsafe(ref a, (nuint)i) * Vector.LoadUnsafe(ref b, (nuint)i) * scale).StoreUnsafe(ref y, (nuint)i);
        }

        for (; i < left.Length; i++)
        {
            Unsafe.Add(ref y, i) += Unsafe.Add(ref a, i) * Unsafe.Add(ref b, i) * scale;
        }
    }
}
