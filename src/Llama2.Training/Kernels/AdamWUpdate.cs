using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Training.Kernels;

/// <summary>One step of AdamW (Loshchilov and Hutter 2017, arXiv 1711.05101, algorithm 2).</summary>
internal static class AdamWUpdate
{
    /// <summary>Updates weights and moments, and clears the gradient. All spans have the same length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(Span<float> values, Span<float> gradient, Span<float> first, Span<float> second, in AdamWStep step)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradient.Length, values.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(first.Length, values.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(second.Length, values.Length);
        ref float w = ref MemoryMarshal.GetReference(values);
        ref float g = ref MemoryMarshal.GetReference(gradient);
        ref float m = ref MemoryMarshal.GetReference(first);
        ref float v = ref MemoryMarshal.GetReference(second);
        float new1 = 1 - step.Beta1, new2 = 1 - step.Beta2;
        int width = Vector<float>.Count, i = 0;
        for (; i <= values.Length - width; i += width)
        {
            Vector<float> slope = Vector.LoadUnsafe(ref g, (nuint)i) * step.GradientScale;
            Vector<float> mean = Vector.LoadUnsafe(ref m, (nuint)i) * step.Beta1 + slope * new1;
            Vector<float> square = Vector.LoadUnsafe(ref v, (nuint)i) * step.Beta2 + slope * slope * new2;
            mean.StoreUnsafe(ref m, (nuint)i);
            square.StoreUnsafe(ref v, (nuint)i);
            Vector<float> root = Vector.SquareRoot(square) * step.RootScale + new Vector<float>(step.Epsilon);
            (Vector.LoadUnsafe(ref w, (nuint)i) * step.Kept - mean / root * step.StepSize).StoreUnsafe(ref w, (nuint)i);
            Vector<float>.Zero.StoreUnsafe(ref g, (nuint)i);
        }

        for (; i < values.Length; i++)
        {
            float slope = Unsafe.Add(ref g, i) * step.GradientScale;
            float mean = Unsafe.Add(ref m, i) = Unsafe.Add(ref m, i) * step.Beta1 + slope * new1;
            float square = Unsafe.Add(ref v, i) = Unsafe.Add(ref v, i) * step.Beta2 + slope * slope * new2;
            Unsafe.Add(ref w, i) = Unsafe.Add(ref w, i) * step.Kept - mean / (MathF.Sqrt(square) * step.RootScale + step.Epsilon) * step.StepSize;
            Unsafe.Add(ref g, i) = 0;
        }
    }
}
