using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Llama2.Training.Kernels;

/// <summary>
/// Multiplies and adds with one rounding on processors that have no instruction for it, so that a model is trained to the same bits there. Processors of
/// x86-64 since 2013 and all of ARM64 have this instruction.
/// </summary>
internal static class FusedMultiplyAdd
{
    /// <summary>Whether the process may use the processor's instruction. A constant for the JIT compiler.</summary>
    public static bool IsSupported => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary><c>left · right + addend</c>, rounded once.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector128<float> Emulate(Vector128<float> left, Vector128<float> right, Vector128<float> addend)
    {
        (Vector128<double> a0, Vector128<double> a1) = Vector128.Widen(left);
        (Vector128<double> b0, Vector128<double> b1) = Vector128.Widen(right);
        (Vector128<double> c0, Vector128<double> c1) = Vector128.Widen(addend);
        return Vector128.Narrow(AddToOdd(a0 * b0, c0), AddToOdd(a1 * b1, c1));
    }

    // The product of two float32 numbers is exact in float64. If the sum was rounded to nearest in float64 and then again in float32, the result would
    // sometimes differ from one rounding. If the sum is not exact, it is therefore rounded to the neighbour whose last bit is 1: such a number lies on
    // the right side of every boundary of float32's rounding (Boldo and Melquiond 2008, "Emulation of a FMA and correctly rounded sums", §3).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> AddToOdd(Vector128<double> product, Vector128<double> addend)
    {
        Vector128<double> sum = product + addend, part = sum - product;
        // The exact error of the sum (Knuth's TwoSum).
        Vector128<double> error = (product - (sum - part)) + (addend - part);
        Vector128<long> bits = sum.AsInt64();
        // If error and sum have different signs, the exact sum is nearer to 0 than the rounded one. Comparisons with NaN, of sums that are not finite,
        // are false.
        Vector128<long> isNearer = Vector128.LessThan(error, Vector128<double>.Zero).AsInt64() ^ (bits >> 63);
        Vector128<long> isInexact = (Vector128.LessThan(error, Vector128<double>.Zero) | Vector128.GreaterThan(error, Vector128<double>.Zero)).AsInt64();
        Vector128<long> odd = bits + isNearer | Vector128<long>.One;
        return Vector128.ConditionalSelect(isInexact, odd, bits).AsDouble();
    }
}
