using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Kernels;

namespace Llama2.Training.Kernels;

/// <summary>The gradient of <see cref="SwiGlu"/>: d(gate · σ)/d(gate) = σ · (1 + gate · (1 − σ)), where σ = 1 / (1 + e^−gate).</summary>
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
        for (; i <= gate.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> x = Vector.LoadUnsafe(ref g, (nuint)i), y = Vector.LoadUnsafe(ref d, (nuint)i), sigmoid = Sigmoid(x);
            (y * Vector.LoadUnsafe(ref u, (nuint)i) * sigmoid * (Vector<float>.One + x * (Vector<float>.One - sigmoid))).StoreUnsafe(ref dg, (nuint)i);
            (y * x * sigmoid).StoreUnsafe(ref du, (nuint)i);
        }

        for (; i < gate.Length; i++)
        {
            float x = Unsafe.Add(ref g, i), y = Unsafe.Add(ref d, i), sigmoid = Sigmoid(x);
            Unsafe.Add(ref dg, i) = y * Unsafe.Add(ref u, i) * sigmoid * (1 + x * (1 - sigmoid));
            Unsafe.Add(ref du, i) = y * x * sigmoid;
        }
    }

    // Both forms of the function, 1 / (1 + e^−|x|) and e^−|x| / (1 + e^−|x|), need only exponentials that cannot overflow.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Sigmoid(Vector<float> x)
    {
        Vector<float> power = Exponential.Of(-Vector.Abs(x));
        return Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), power, Vector<float>.One) / (Vector<float>.One + power);
    }

    private static float Sigmoid(float x) => Sigmoid(Vector.Create(x))[0];
}
