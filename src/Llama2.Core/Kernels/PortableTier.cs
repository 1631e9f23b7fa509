using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector128<byte>;

namespace Llama2.Kernels;

/// <summary>128-bit vectors in the words that every processor's .NET has: four rows at once, right everywhere, fast nowhere.</summary>
internal readonly struct PortableTier : IPairTier<V>
{
    public static bool IsSupported => true;

    public static int Lanes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(ref readonly byte source) => Vector128.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V And(V value, byte mask) => value & Vector128.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Or(V left, V right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight(V value, int count) => (value.AsUInt16() >> count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftLeft(V value, int count) => (value.AsUInt16() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(V indexes, Vector128<byte> table) => Vector128.Shuffle(table, indexes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits5<PortableTier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits6<PortableTier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits8<PortableTier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => PairDot.Dot32Bits4<PortableTier, V>(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => AddIntegers(
            Dot16Bits8(codes0, codes1, codes2, codes3, ref activations, start), Dot16Bits8(codes4, codes5, codes6, codes7, ref activations, start + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SubtractShifted(V integers, ref int subtrahends, int index, int shift)
        => (integers.AsInt32() - Vector128.Create(Unsafe.Add(ref subtrahends, index) << shift)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ToFloat(V integers) => Vector128.ConvertToSingle(integers.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadFloats(ref readonly byte source) => Vector128.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadHalves(ref readonly byte source)
    {
        // The same arithmetic as in Avx512Tier.
        Vector128<int> bits = WidenShorts(in source) << 13 & Vector128.Create(unchecked((int)0x8fffe000));
        Vector128<int> isSubnormal = Vector128.Equals(bits & Vector128.Create(0x0f800000), Vector128<int>.Zero);
        Vector128<float> value = (bits + Vector128.Create(112 << 23)).AsSingle();
        Vector128<float> subnormal = (bits + Vector128.Create(113 << 23)).AsSingle()
            - (bits & Vector128.Create(unchecked((int)0x80000000)) | Vector128.Create(113 << 23)).AsSingle();
        return Vector128.ConditionalSelect(isSubnormal.AsSingle(), subnormal, value).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBFloats(ref readonly byte source) => (WidenShorts(in source) << 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadSignedBytesAsFloats(ref readonly byte source)
    {
        Vector128<sbyte> bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(in source)).AsSByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBytesAsFloats(ref readonly byte source)
    {
        V bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(in source)).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V left, V right) => (left.AsSingle() * right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V left, ref float factors, int index) => (left.AsSingle() * Vector128.Create(Unsafe.Add(ref factors, index))).AsByte();

    // MultiplyAddEstimate is one rounding where the processor can; software emulation elsewhere would cost 20 times as much.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V left, V right, V addend)
        => Vector128.MultiplyAddEstimate(left.AsSingle(), right.AsSingle(), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V left, ref float factors, int index, V addend)
        => Vector128.MultiplyAddEstimate(left.AsSingle(), Vector128.Create(Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplySubtract(V left, ref float factors, int index, V addend)
        => Vector128.MultiplyAddEstimate(left.AsSingle(), Vector128.Create(-Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddFloats(V left, V right) => (left.AsSingle() + right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V floats, ref float destination) => floats.AsSingle().StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(ref readonly byte address)
    {
        // No portable word for it; processors prefetch a straight line by themselves.
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyPairs(V codes, ref sbyte activations, int start)
    {
        // Bytes 0 and 2 of a lane are the low halves of its two 16-bit elements, bytes 1 and 3 the high halves. Codes below 128 make
        // each sum of two products at most 2 · 127 · 127 = 32,258.
        Vector128<short> x = Vector128.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsInt16();
        Vector128<short> even = (codes & Vector128.Create((ushort)0x00ff).AsByte()).AsInt16() * (x << 8 >> 8);
        Vector128<short> odd = (codes.AsUInt16() >> 8).AsInt16() * (x >> 8);
        return (even + odd).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddShorts(V left, V right) => (left.AsInt16() + right.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FoldPairs(V shorts) => ((shorts.AsInt32() << 16 >> 16) + (shorts.AsInt32() >> 16)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddIntegers(V left, V right) => (left.AsInt32() + right.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyBy16(V integers) => (integers.AsInt32() << 4).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> WidenShorts(ref readonly byte source)
        => Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(in source)).AsInt16());
}
