using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Kernels;

/// <summary>
/// Computes e^x for x ≤ 0, or above 0 by no more than a rounding error, with an error of at most 2 units in the last place and with the same bits on every
/// processor. Softmax and SwiGLU need e^x only for such x. With x = n ln 2 + r, e^x = 2^n e^r (Cody and
/// Waite 1980, "Software Manual for the Elementary Functions"). The factor e^r is approximated by the polynomial of degree 6 with the least relative
/// error from −ln 2 / 2 to ln 2 / 2. If x is below −86, the result is 0. Vector512.Exp is not used, because it computes in float64: with it, softmax
/// took as long as the two products of attention, and SwiGLU 4 % of the time of a prompt. Products are rounded before they are added, because a fused
/// multiply-add has other bits, and not every processor has it.
/// </summary>
internal static class Exponential
{
    // Smaller arguments give 0. The product of 2^n and e^r is computed by adding n to the exponent, so neither the factors nor the product may leave
    // the range of normal numbers.
    private const float Lowest = -86;
    private const float Log2E = 1.44269504f;
    // When this constant is added to a number, the sum has no bits left for a fraction: its last bits are the nearest integer.
    private const float Rounding = 12582912;
    // ln 2 in two parts; the product of an integer and the first part is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float C2 = 0.49999993f;
    private const float C3 = 0.16666520f;
    private const float C4 = 0.041668391f;
    private const float C5 = 0.0083687451f;
    private const float C6 = 0.0013814540f;
    private const int MantissaLength = 23;

    /// <summary>Replaces each number by its exponential; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(Span<float> values)
    {
        ref float x = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Of(Vector.LoadUnsafe(ref x, (nuint)i)).StoreUnsafe(ref x, (nuint)i);
        }

        for (; i < values.Length; i++)
        {
            Unsafe.Add(ref x, i) = Of(Unsafe.Add(ref x, i));
        }
    }

    /// <summary>e^x of each lane; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        Vector512<float> rounded = x * Vector512.Create(Log2E) + Vector512.Create(Rounding), n = rounded - Vector512.Create(Rounding);
        Vector512<float> r = x - n * Vector512.Create(Ln2High);
        r -= n * Vector512.Create(Ln2Low);
        Vector512<float> p = Vector512.Create(C6) * r + Vector512.Create(C5);
        p = p * r + Vector512.Create(C4);
        p = p * r + Vector512.Create(C3);
        p = p * r + Vector512.Create(C2);
        p = p * (r * r) + r + Vector512<float>.One;
        Vector512<float> power = (p.AsInt32() + (rounded.AsInt32() << MantissaLength)).AsSingle();
        return Vector512.AndNot(power, Vector512.LessThan(x, Vector512.Create(Lowest)));
    }

    /// <inheritdoc cref="Of(Vector512{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Of(Vector<float> x)
    {
        Vector<float> rounded = x * Vector.Create(Log2E) + Vector.Create(Rounding), n = rounded - Vector.Create(Rounding);
        Vector<float> r = x - n * Vector.Create(Ln2High);
        r -= n * Vector.Create(Ln2Low);
        Vector<float> p = Vector.Create(C6) * r + Vector.Create(C5);
        p = p * r + Vector.Create(C4);
        p = p * r + Vector.Create(C3);
        p = p * r + Vector.Create(C2);
        p = p * (r * r) + r + Vector<float>.One;
        Vector<float> power = (p.As<float, int>() + (rounded.As<float, int>() << MantissaLength)).As<int, float>();
        return Vector.AndNot(power, Vector.LessThan(x, Vector.Create(Lowest)).As<int, float>());
    }

    /// <inheritdoc cref="Of(Vector512{float})"/>
    public static float Of(float x) => Of(Vector.Create(x))[0];
}
