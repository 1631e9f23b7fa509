using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector128<byte>;

namespace Llama2.Kernels;

/// <summary>
/// The common part of all tiers with 128-bit registers. It computes four rows at once with vector operations that .NET provides for every processor.
/// </summary>
internal interface IVector128Tier : ITier<V>
{
    static int ITier<V>.Lanes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Load(ref readonly byte source) => Vector128.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.And(V value, byte mask) => value & Vector128.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Or(V left, V right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ShiftRight(V value, int count) => (value.AsUInt16() >> count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ShiftLeft(V value, int count) => (value.AsUInt16() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.AddIntegers(V integers, ref int addends, int index) => (integers.AsInt32() + Vector128.Create(Unsafe.Add(ref addends, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ToFloat(V integers) => Vector128.ConvertToSingle(integers.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadFloats(ref readonly byte source) => Vector128.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadHalves(ref readonly byte source)
    {
        // This conversion works as in Avx512Tier, except that a subnormal half is recognised by its bits. It gets the exponent 113, that is, the value 2⁻¹⁴ ·
        // (1 + mantissa), and then 2⁻¹⁴ is subtracted.
        Vector128<int> bits = WidenShorts(in source) << 13 & Vector128.Create(unchecked((int)0x8fffe000));
        Vector128<int> isSubnormal = Vector128.Equals(bits & Vector128.Create(0x0f800000), Vector128<int>.Zero);
        Vector128<float> value = (bits + Vector128.Create(112 << 23)).AsSingle();
        Vector128<float> subnormal = (bits + Vector128.Create(113 << 23)).AsSingle()
            - (bits & Vector128.Create(unchecked((int)0x80000000)) | Vector128.Create(113 << 23)).AsSingle();
        return Vector128.ConditionalSelect(isSubnormal.AsSingle(), subnormal, value).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadBFloats(ref readonly byte source) => (WidenShorts(in source) << 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadSignedBytesAsFloats(ref readonly byte source)
    {
        Vector128<sbyte> bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(in source)).AsSByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadBytesAsFloats(ref readonly byte source)
    {
        V bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(in source)).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Multiply(V left, V right) => (left.AsSingle() * right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Multiply(V left, ref float factors, int index) => (left.AsSingle() * Vector128.Create(Unsafe.Add(ref factors, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Broadcast(ref int source, int index) => Vector128.Create(Unsafe.Add(ref source, index)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Broadcast(ref float source, int index) => Vector128.Create(Unsafe.Add(ref source, index)).AsByte();

    // MultiplyAddEstimate rounds once on processors with a fused multiply-add; emulating the single rounding on other processors would take 20 times as long.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAdd(V left, V right, V addend)
        => Vector128.MultiplyAddEstimate(left.AsSingle(), right.AsSingle(), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAdd(V left, ref float factors, int index, V addend)
        => Vector128.MultiplyAddEstimate(left.AsSingle(), Vector128.Create(Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplySubtract(V left, ref float factors, int index, V addend)
        => Vector128.MultiplyAddEstimate(left.AsSingle(), Vector128.Create(-Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Subtract(V left, ref float subtrahends, int index) => (left.AsSingle() - Vector128.Create(Unsafe.Add(ref subtrahends, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.AddFloats(V left, V right) => (left.AsSingle() + right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ITier<V>.Store(V floats, ref float destination) => floats.AsSingle().StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ITier<V>.PrefetchNear(ref readonly byte address)
    {
        // There is no portable instruction for prefetching, and processors prefetch sequential reads automatically.
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ITier<V>.PrefetchFar(ref readonly byte address)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.AddIntegers(V left, V right) => (left.AsInt32() + right.AsInt32()).AsByte();

    // Products of pairs are one instruction on x86, and three on ARM64.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAddPairs(V left, V right, V sums)
    {
        Vector128<short> a = left.AsInt16(), b = right.AsInt16();
        if (Sse2.IsSupported)
        {
            return (Sse2.MultiplyAddAdjacent(a, b) + sums.AsInt32()).AsByte();
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            Vector128<int> lower = AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower()), upper = AdvSimd.MultiplyWideningUpper(a, b);
            return (AdvSimd.Arm64.AddPairwise(lower, upper) + sums.AsInt32()).AsByte();
        }

        return ((a.AsInt32() << 16 >> 16) * (b.AsInt32() << 16 >> 16) + (a.AsInt32() >> 16) * (b.AsInt32() >> 16) + sums.AsInt32()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> WidenShorts(ref readonly byte source)
        => Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(in source)).AsInt16());
}
