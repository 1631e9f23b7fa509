using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Training.Kernels;

/// <summary>The gradient of <see cref="Llama2.Kernels.SwiGlu"/>: d(gate · σ)/d(gate) = σ · (1 + gate · (1 − σ)), where σ = 1 / (1 + e^−gate).</summary>
internal static class SwiGluGradient
{
    /// <summary>Computes the gradients of gate and up. All spans have the same length.</summary>
    /// <param name="outputGradient">The gradient of the output of the forward pass.</param>
    /// <param name="gate">The gate in the forward pass.</param>
    /// <param name="up">The factor by which the activated gate was multiplied in the forward pass.</param>
    /// <param name="gateGradient">Receives the gate's gradient.</param>
    /// <param name="upGradient">Receives the gradient of <paramref name="up"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(
        ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> gateGradient, Span<float> upGradient)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gate.Length, outputGradient.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(up.Length, outputGradient.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(gateGradient.Length, outputGradient.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(upGradient.Length, outputGradient.Length);
        ref float d = ref MemoryMarshal.GetReference(outputGradient);
        ref float g = ref MemoryMarshal.GetReference(gate);
        ref float u = ref MemoryMarshal.GetReference(up);
        ref float dg = ref MemoryMarshal.GetReference(gateGradient);
        ref float du = ref MemoryMarshal.GetReference(upGradient);
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= gate.Length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                Vector512<float> x = Vector512.LoadUnsafe(ref g, (nuint)i), y = Vector512.LoadUnsafe(ref d, (nuint)i);
                Vector512<float> sigmoid = Vector512<float>.One / (Vector512<float>.One + Vector512.Exp(-x));
                (y * Vector512.LoadUnsafe(ref u, (nuint)i) * sigmoid * (Vector512<float>.One + x * (Vector512<float>.One - sigmoid))).StoreUnsafe(ref dg, (nuint)i);
                (y * x * sigmoid).StoreUnsafe(ref du, (nuint)i);
            }
        }

        for (; i <= gate.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> x = Vector.LoadUnsafe(ref g, (nuint)i), y = Vector.LoadUnsafe(ref d, (nuint)i);
            Vector<float> sigmoid = Vector<float>.One / (Vector<float>.One + Vector.Exp(-x));
            (y * Vector.LoadUnsafe(ref u, (nuint)i) * sigmoid * (Vector<float>.One + x * (Vector<float>.One - sigmoid))).StoreUnsafe(ref dg, (nuint)i);
            (y * x * sigmoid).StoreUnsafe(ref du, (nuint)i);
        }

        for (; i < gate.Length; i++)
        {
            float x = Unsafe.Add(ref g, i), y = Unsafe.Add(ref d, i), sigmoid = 1 / (1 + MathF.Exp(-x));
            Unsafe.Add(ref dg, i) = y * Unsafe.Add(ref u, i) * sigmoid * (1 + x * (1 - sigmoid));
            Unsafe.Add(ref du, i) = y * x * sigmoid;
        }
    }
}
