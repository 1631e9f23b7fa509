using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<byte>;

namespace Llama2.Kernels;

/// <summary>AVX-512 (F, BW, DQ): a register holds all 16 rows of a panel. 8-bit codes use AVX-VNNI if the processor has it.</summary>
internal readonly struct Avx512Tier : IPairTier<V>
{
    // The immediate operand with which the instruction vrangeps returns the larger of two magnitudes, with the sign of the first number.
    private const byte LargerMagnitude = 0b0011;

    public static bool IsSupported => Avx512BW.IsSupported && Avx512DQ.IsSupported;

    public static bool SplitsActivations => !AvxVnni.IsSupported;

    public static bool HasByteKernel => AvxVnni.IsSupported;

    public static int Lanes => 16;

    public static int TileTokenCount => 8;

    public static int FloatTileTokenCount => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyBytes<TCodes>(ref byte codes, ref float scales, in ActivationTile x, int blockCount, int tokenCount, PanelOutput output)
        where TCodes : struct, ICodes
        => VnniPanelKernel<TCodes>.Multiply(ref codes, ref scales, in x, blockCount, tokenCount, output);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(ref readonly byte source) => Vector512.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V And(V value, byte mask) => value & Vector512.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Or(V left, V right) => left | right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight(V value, int count) => (value.AsUInt16() >> count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftLeft(V value, int count) => (value.AsUInt16() << count).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(V indexes, Vector128<byte> table)
        => Avx512BW.Shuffle(Vector512.Create(table), indexes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits5<Avx512Tier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits6<Avx512Tier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
    {
        if (!AvxVnni.IsSupported)
        {
            return PairDot.Dot16Bits8<Avx512Tier, V>(codes0, codes1, codes2, codes3, ref activations, start);
        }

        return HalfDots(codes0, codes1, codes2, codes3, ref activations, start).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => PairDot.Dot32Bits4<Avx512Tier, V>(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
    {
        if (!AvxVnni.IsSupported)
        {
            return PairDot.Dot32Bits8<Avx512Tier, V>(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);
        }

        return (HalfDots(codes0, codes1, codes2, codes3, ref activations, start) + HalfDots(codes4, codes5, codes6, codes7, ref activations, start + 16)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddIntegers(V integers, ref int addends, int index) => (integers.AsInt32() + Vector512.Create(Unsafe.Add(ref addends, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ToFloat(V integers) => Avx512F.ConvertToVector512Single(integers.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadFloats(ref readonly byte source) => Vector512.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadHalves(ref readonly byte source)
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
    public static V LoadBFloats(ref readonly byte source)
        => (Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in source).AsInt16()) << 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadSignedBytesAsFloats(ref readonly byte source)
        => Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in source).AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBytesAsFloats(ref readonly byte source)
        => Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in source))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V left, V right) => (left.AsSingle() * right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Multiply(V left, ref float factors, int index) => (left.AsSingle() * Vector512.Create(Unsafe.Add(ref factors, index))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Broadcast(ref float source, int index) => Vector512.Create(Unsafe.Add(ref source, index)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V left, V right, V addend)
        => Avx512F.FusedMultiplyAdd(left.AsSingle(), right.AsSingle(), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAdd(V left, ref float factors, int index, V addend)
        => Avx512F.FusedMultiplyAdd(left.AsSingle(), Vector512.Create(Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplySubtract(V left, ref float factors, int index, V addend)
        => Avx512F.FusedMultiplyAddNegated(left.AsSingle(), Vector512.Create(Unsafe.Add(ref factors, index)), addend.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddFloats(V left, V right) => (left.AsSingle() + right.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V floats, ref float destination) => floats.AsSingle().StoreUnsafe(ref destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void PrefetchNear(ref readonly byte address) => Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in address)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void PrefetchFar(ref readonly byte address) => Sse.Prefetch1(Unsafe.AsPointer(ref Unsafe.AsRef(in address)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyPairs(V codes, ref sbyte activations, int start)
        => Avx512BW.MultiplyAddAdjacent(codes, Vector512.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddShorts(V left, V right) => (left.AsInt16() + right.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FoldPairs(V shorts) => Avx512BW.MultiplyAddAdjacent(shorts.AsInt16(), Vector512.Create((short)1)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddIntegers(V left, V right) => (left.AsInt32() + right.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyBy16(V integers) => (integers.AsInt32() << 4).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddPairs(V left, V right, V sums)
        => (Avx512BW.MultiplyAddAdjacent(left.AsInt16(), right.AsInt16()) + sums.AsInt32()).AsByte();

    // .NET 10 has vpdpbusd for 256 bits only.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> HalfDots(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
    {
        Vector256<int> lower = Vector256<int>.Zero, upper = lower;
        DotHalves(ref lower, ref upper, codes0, ref activations, start);
        DotHalves(ref lower, ref upper, codes1, ref activations, start + 4);
        DotHalves(ref lower, ref upper, codes2, ref activations, start + 8);
        DotHalves(ref lower, ref upper, codes3, ref activations, start + 12);
        return lower.ToVector512Unsafe().WithUpper(upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DotHalves(ref Vector256<int> lower, ref Vector256<int> upper, V codes, ref sbyte activations, int start)
    {
        Vector256<sbyte> x = Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsSByte();
        lower = AvxVnni.MultiplyWideningAndAdd(lower, codes.GetLower(), x);
        upper = AvxVnni.MultiplyWideningAndAdd(upper, codes.GetUpper(), x);
    }
}
