using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<byte>;

namespace Llama2.Kernels;

/// <summary>The common part of all tiers with 512-bit registers. It computes all rows of a panel at once with instructions of AVX-512 (F, BW, DQ).</summary>
internal interface IVector512Tier : ITier<V>
{
    // The immediate operand with which the instruction vrangeps returns the larger of two magnitudes, with the sign of the first number.
    private const byte LargerMagnitude = 0b0011;

    static int ITier<V>.Lanes => 16;

    static int ITier<V>.TileTokenCount => 8;

    static int ITier<V>.FloatTileTokenCount => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Load(ref readonly byte source) => Vector512.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.And(V value, byte mask) => value & Vector512.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Or(V left, V right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ShiftRight(V value, int count) => (value.AsUInt16() >> count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ShiftLeft(V value, int count) => (value.AsUInt16() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Lookup(V indexes, ref readonly byte tables) => Avx512BW.Shuffle(Vector512.LoadUnsafe(in tables), indexes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.AddIntegers(V integers, ref int addends, int index) => (integers.AsInt32() + Vector512.Create(Unsafe.Add(ref addends, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAddPairs(V left, V right, V sums)
        => (Avx512BW.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16()) + sums.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.ToFloat(V integers) => Avx512F.ConvertToVector512Single(integers.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadFloats(ref readonly byte source) => Vector512.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadHalves(ref readonly byte source)
    {
        // Sign, exponent and mantissa are moved to their places in a float, and 112 is added to the exponent because the two types have different
        // exponent biases. A subnormal half h = 2⁻¹⁴ · mantissa has then become f = 2⁻¹⁵ · (1 + mantissa), so h = 2f − 2⁻¹⁴; for any other half, h =
        // f = 2f − f. The subtrahend is therefore the larger of f and 2⁻¹⁴, with the sign of the number. Subnormal floats, which are slow, never
        // occur.
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in source).AsInt16()) << 13 & Vector512.Create(unchecked((int)0x8fffe000));
        Vector512<float> value = (bits + Vector512.Create(112 << 23)).AsSingle();
        return Avx512F.FusedMultiplySubtract(value, Vector512.Create(2f), Avx512DQ.Range(value, Vector512.Create(1 / 16384f), LargerMagnitude)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadBFloats(ref readonly byte source)
        => (Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in source).AsInt16()) << 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadSignedBytesAsFloats(ref readonly byte source)
        => Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in source).AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.LoadBytesAsFloats(ref readonly byte source)
        => Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in source))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Multiply(V left, V right) => (left.AsSingle() * right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Multiply(V left, ref float factors, int index) => (left.AsSingle() * Vector512.Create(Unsafe.Add(ref factors, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Broadcast(ref int source, int index) => Vector512.Create(Unsafe.Add(ref source, index)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Broadcast(ref float source, int index) => Vector512.Create(Unsafe.Add(ref source, index)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAdd(V left, V right, V addend)
        => Avx512F.FusedMultiplyAdd(left.AsSingle(), right.AsSingle(), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplyAdd(V left, ref float factors, int index, V addend)
        => Avx512F.FusedMultiplyAdd(left.AsSingle(), Vector512.Create(Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.MultiplySubtract(V left, ref float factors, int index, V addend)
        => Avx512F.FusedMultiplyAddNegated(left.AsSingle(), Vector512.Create(Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V ITier<V>.Subtract(V left, ref float subtrahends, int index) => (left.AsSingle() - Vector512.Create(Unsafe.Add(ref subtrahends, index))).AsByte();

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
}
