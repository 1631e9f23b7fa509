using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Training.Kernels;

/// <summary>
/// Computes e^x for x ≤ 0, or above 0 by no more than a rounding error, with an error of at most 2 units in the last place. The method is that of
/// <see cref="Llama2.Kernels.Exponential"/>, but with products that are rounded before they are added. So the bits are the same with registers of every
/// width, and on processors with and without a fused multiply-add.
/// </summary>
internal static class Exponential
{
    private const float Lowest = -86;
    private const float Log2E = 1.44269504f;
    // When this constant is added to a number, the sum has no bits left for a fraction: its last bits are the nearest integer.
    private const float Rounding = 12582912;
    // ln 2 in two parts; the product of an integer and the first part is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const int MantissaLength = 23;

    /// <summary>Replaces each number by its exponential. NaN stays NaN, and numbers below −86 become 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(Span<float> values)
    {
        ref float x = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Of(Vector.LoadUnsafe(ref x, (nuint)i)).StoreUnsafe(ref x, (nuint)i);
        }

        if (i < values.Length)
        {
            Span<float> last = stackalloc float[Vector<float>.Count];
            values[i..].CopyTo(last);
            Of(Vector.LoadUnsafe(ref last[0])).StoreUnsafe(ref last[0]);
            last[..(values.Length - i)].CopyTo(values[i..]);
        }
    }

    /// <summary>e^x of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Of(Vector<float> x)
    {
        Vector<float> rounded = x * Log2E + Vector.Create(Rounding), n = rounded - Vector.Create(Rounding);
        Vector<float> r = x - n * Ln2High - n * Ln2Low;
        Vector<float> p = r * 0.0013814540f + Vector.Create(0.0083687451f);
        p = p * r + Vector.Create(0.041668391f);
        p = p * r + Vector.Create(0.16666520f);
        p = p * r + Vector.Create(0.49999993f);
        p = p * (r * r) + r + Vector<float>.One;
        Vector<float> power = (p.As<float, int>() + (rounded.As<float, int>() << MantissaLength)).As<int, float>();
        return Vector.AndNot(power, Vector.LessThan(x, Vector.Create(Lowest)).As<int, float>());
    }
}
