using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>The gated activation of the feed-forward network, Shazeer 2020 (arXiv 2002.05202): <c>silu(gate) · up</c>.</summary>
internal static class SwiGlu
{
    /// <summary>
    /// <c>output = gate / (1 + e^−gate) · up</c>. All spans have the same length; the output may be one of the inputs. For a negative gate, the fraction is
    /// expanded by <c>e^gate</c>, so that no exponent is positive.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(up.Length, gate.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, gate.Length);
        ref float g = ref MemoryMarshal.GetReference(gate);
        ref float u = ref MemoryMarshal.GetReference(up);
        ref float y = ref MemoryMarshal.GetReference(output);
        int width = Vector<float>.Count, whole = gate.Length / width * width, done = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; done <= gate.Length - Vector512<float>.Count; done += Vector512<float>.Count)
            {
                Vector512<float> value = Vector512.LoadUnsafe(ref g, (nuint)done), exponential = Exponential.Of(-Vector512.Abs(value));
                Vector512<float> numerator = Vector512.ConditionalSelect(Vector512.LessThan(value, Vector512<float>.Zero), value * exponential, value);
                (numerator / (Vector512<float>.One + exponential) * Vector512.LoadUnsafe(ref u, (nuint)done)).StoreUnsafe(ref y, (nuint)done);
            }
        }

        for (int i = done; i < whole; i += width)
        {
            Vector<float> value = Vector.LoadUnsafe(ref g, (nuint)i), exponential = Exponential.Of(-Vector.Abs(value));
            Vector<float> numerator = Vector.ConditionalSelect(Vector.LessThan(value, Vector<float>.Zero), value * exponential, value);
            (numerator / (Vector<float>.One + exponential) * Vector.LoadUnsafe(ref u, (nuint)i)).StoreUnsafe(ref y, (nuint)i);
        }

        for (int i = whole; i < gate.Length; i++)
        {
            float value = Unsafe.Add(ref g, i), exponential = Exponential.Of(-MathF.Abs(value));
            Unsafe.Add(ref y, i) = (value < 0 ? value * exponential : value) / (1 + exponential) * Unsafe.Add(ref u, i);
        }
    }
}
