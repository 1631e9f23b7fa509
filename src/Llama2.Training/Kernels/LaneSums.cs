using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Llama2.Training.Kernels;

/// <summary>
/// Sums whose bits do not depend on the width of the processor's registers: 16 partial sums, the last ones of which are added in a fixed order. The sums of
/// <see cref="System.Numerics.Tensors.TensorPrimitives"/> have as many partial sums as a register has lanes, so a model that is trained with AVX-512 would
/// differ from one that is trained with AVX2. Products are rounded before they are added, because not every processor has a fused multiply-add.
/// </summary>
internal static class LaneSums
{
    private const int LaneCount = 16;
    private const int Quarter = 4;

    /// <summary><c>Σ values</c></summary>
    public static float Sum(ReadOnlySpan<float> values) => Sum<Value>(values, values, values);

    /// <summary><c>Σ values²</c></summary>
    public static float SumOfSquares(ReadOnlySpan<float> values) => Sum<Product>(values, values, values);

    /// <summary><c>Σ left · right</c>. Both spans have the same length.</summary>
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right) => Sum<Product>(left, right, left);

    /// <summary><c>Σ left · middle · right</c>. All spans have the same length.</summary>
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> middle, ReadOnlySpan<float> right) => Sum<ProductOfThree>(left, middle, right);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum<TTerm>(ReadOnlySpan<float> left, ReadOnlySpan<float> middle, ReadOnlySpan<float> right)
        where TTerm : ITerm
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(middle.Length, left.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(right.Length, left.Length);
        ref float a = ref MemoryMarshal.GetReference(left);
        ref float b = ref MemoryMarshal.GetReference(middle);
        ref float c = ref MemoryMarshal.GetReference(right);
        int whole = left.Length / LaneCount * LaneCount;
        float sum = Vector512.IsHardwareAccelerated ? Sum512<TTerm>(ref a, ref b, ref c, whole) : Sum128<TTerm>(ref a, ref b, ref c, whole);
        for (int i = whole; i < left.Length; i++)
        {
            sum += TTerm.Of(Unsafe.Add(ref a, i), Unsafe.Add(ref b, i), Unsafe.Add(ref c, i));
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum512<TTerm>(ref float a, ref float b, ref float c, int count)
        where TTerm : ITerm
    {
        Vector512<float> sums = Vector512<float>.Zero;
        for (nuint i = 0; i < (nuint)count; i += LaneCount)
        {
            sums += TTerm.Of(Vector512.LoadUnsafe(ref a, i), Vector512.LoadUnsafe(ref b, i), Vector512.LoadUnsafe(ref c, i));
        }

        Vector256<float> halves = sums.GetLower() + sums.GetUpper();
        return Fold(halves.GetLower() + halves.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum128<TTerm>(ref float a, ref float b, ref float c, int count)
        where TTerm : ITerm
    {
        Vector128<float> sums0 = Vector128<float>.Zero, sums1 = sums0, sums2 = sums0, sums3 = sums0;
        for (nuint i = 0; i < (nuint)count; i += LaneCount)
        {
            sums0 += Term<TTerm>(ref a, ref b, ref c, i);
            sums1 += Term<TTerm>(ref a, ref b, ref c, i + Quarter);
            sums2 += Term<TTerm>(ref a, ref b, ref c, i + 2 * Quarter);
            sums3 += Term<TTerm>(ref a, ref b, ref c, i + 3 * Quarter);
        }

        return Fold((sums0 + sums2) + (sums1 + sums3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Term<TTerm>(ref float a, ref float b, ref float c, nuint i)
        where TTerm : ITerm
        => TTerm.Of(Vector128.LoadUnsafe(ref a, i), Vector128.LoadUnsafe(ref b, i), Vector128.LoadUnsafe(ref c, i));

    private static float Fold(Vector128<float> sums) => (sums[0] + sums[2]) + (sums[1] + sums[3]);

    // What is summed. Terms that need fewer than three spans ignore the others; the JIT removes the loads that are not used.
    private interface ITerm
    {
        static abstract Vector512<float> Of(Vector512<float> a, Vector512<float> b, Vector512<float> c);

        static abstract Vector128<float> Of(Vector128<float> a, Vector128<float> b, Vector128<float> c);

        static abstract float Of(float a, float b, float c);
    }

    private readonly struct Value : ITerm
    {
        public static Vector512<float> Of(Vector512<float> a, Vector512<float> b, Vector512<float> c) => a;

        public static Vector128<float> Of(Vector128<float> a, Vector128<float> b, Vector128<float> c) => a;

        public static float Of(float a, float b, float c) => a;
    }

    private readonly struct Product : ITerm
    {
        public static Vector512<float> Of(Vector512<float> a, Vector512<float> b, Vector512<float> c) => a * b;

        public static Vector128<float> Of(Vector128<float> a, Vector128<float> b, Vector128<float> c) => a * b;

        public static float Of(float a, float b, float c) => a * b;
    }

    private readonly struct ProductOfThree : ITerm
    {
        public static Vector512<float> Of(Vector512<float> a, Vector512<float> b, Vector512<float> c) => a * b * c;

        public static Vector128<float> Of(Vector128<float> a, Vector128<float> b, Vector128<float> c) => a * b * c;

        public static float Of(float a, float b, float c) => a * b * c;
    }
}
