using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<byte>;

namespace Llama2.Kernels;

/// <summary>The common part of all tiers with 256-bit registers. It computes half of a panel's rows at once with instructions of AVX2 and FMA.</summary>
internal interface IVector256Tier : ITier<V>
{
    static int ITier<V>.Lanes => 8;

    // With eight tokens, the two sums of each token would take all 16 registers and leave none for the weights: F32 weights were multiplied at 33
    // billion multiply-adds per second instead of 46.
    static int ITier<V>.FloatTileTokenCount => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Load(ref readonly byte source) => Vector256.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.And(V value, byte mask) => value & Vector256.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Or(V left, V right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ShiftRight(V value, int count) => (value.AsUInt16() >> count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ShiftLeft(V value, int count) => (value.AsUInt16() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Lookup(V indexes, ref readonly byte tables) => Avx2.Shuffle(Vector256.LoadUnsafe(in tables), indexes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.AddIntegers(V integers, ref int addends, int index) => (integers.AsInt32() + Vector256.Create(Unsafe.Add(ref addends, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ToFloat(V integers) => Avx.ConvertToVector256Single(integers.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadFloats(ref readonly byte source) => Vector256.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadHalves(ref readonly byte source)
    {
        // This is the same arithmetic as in Avx512Tier, because vcvtph2ps, the instruction that converts halves, has no .NET method.
        Vector256<int> bits = WidenShorts(in source) << 13 & Vector256.Create(unchecked((int)0x8fffe000));
        Vector256<float> value = (bits + Vector256.Create(112 << 23)).AsSingle();
        Vector256<float> magnitude = Avx.Max((value.AsInt32() & Vector256.Create(0x7fffffff)).AsSingle(), Vector256.Create(1 / 16384f));
        return Fma.MultiplySubtract(value, Vector256.Create(2f), (magnitude.AsInt32() | (bits & Vector256.Create(unchecked((int)0x80000000)))).AsSingle()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadBFloats(ref readonly byte source) => (WidenShorts(in source) << 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadSignedBytesAsFloats(ref readonly byte source)
        => Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(LoadEightBytes(in source).AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadBytesAsFloats(ref readonly byte source)
        => Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(LoadEightBytes(in source))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Multiply(V left, V right) => (left.AsSingle() * right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Multiply(V left, ref float factors, int index) => (left.AsSingle() * Vector256.Create(Unsafe.Add(ref factors, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Broadcast(ref int source, int index) => Vector256.Create(Unsafe.Add(ref source, index)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Broadcast(ref float source, int index) => Vector256.Create(Unsafe.Add(ref source, index)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAdd(V left, V right, V addend)
        => Fma.MultiplyAdd(left.AsSingle(), right.AsSingle(), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAdd(V left, ref float factors, int index, V addend)
        => Fma.MultiplyAdd(left.AsSingle(), Vector256.Create(Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplySubtract(V left, ref float factors, int index, V addend)
        => Fma.MultiplyAddNegated(left.AsSingle(), Vector256.Create(Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Subtract(V left, ref float subtrahends, int index) => (left.AsSingle() - Vector256.Create(Unsafe.Add(ref subtrahends, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.AddFloats(V left, V right) => (left.AsSingle() + right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ITier<V>.Store(V floats, ref float destination) => floats.AsSingle().StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe void ITier<V>.PrefetchNear(ref readonly byte address) => Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in address)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe void ITier<V>.PrefetchFar(ref readonly byte address) => Sse.Prefetch1(Unsafe.AsPointer(ref Unsafe.AsRef(in address)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.AddIntegers(V left, V right) => (left.AsInt32() + right.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAddPairs(V left, V right, V sums)
        => (Avx2.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16()) + sums.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> WidenShorts(ref readonly byte source)
        => Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(in source).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LoadEightBytes(ref readonly byte source)
        => Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(in source)).AsByte();
}
