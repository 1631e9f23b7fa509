using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>The gated activation of the feed-forward network, Shazeer 2020 (arXiv 2002.05202): <c>silu(gate) · up</c>.</summary>
internal static class SwiGlu
{
    /// <summary><c>output = gate / (1 + e^−gate) · up</c>. All spans have the same length; the output may be one of the inputs.</summary>
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
                var value = Vector512.LoadUnsafe(ref g, (nuint)done);
                (value / (Vector512<float>.One + Vector512.Exp(-value)) * Vector512.LoadUnsafe(ref u, (nuint)done)).StoreUnsafe(ref y, (nuint)done);
            }
        }

        for (int i = done; i < whole; i += width)
        {
            var value = Vector.LoadUnsafe(ref g, (nuint)i);
            (value / (Vector<float>.One + Vector.Exp(-value)) * Vector.LoadUnsafe(ref u, (nuint)i)).StoreUnsafe(ref y, (nuint)i);
        }

        for (int i = whole; i < gate.Length; i++)
        {
            float value = Unsafe.Add(ref g, i);
            Unsafe.Add(ref y, i) = value / (1 + MathF.Exp(-value)) * Unsafe.Add(ref u, i);
        }
    }
}
