using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<byte>;

namespace Llama2.Kernels;

/// <summary>AVX2 and FMA.</summary>
internal readonly struct Avx2Tier : IVector256Tier, IPairTier<V>
{
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    // Eight tokens spill: with 4-bit codes they run at 1.1 times, with 8-bit codes at 0.7 times the speed of four.
    public static int TileTokenCount => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits5<Avx2Tier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => PairDot.Dot16Bits6<Avx2Tier, V>(codes0, codes1, codes2, codes3, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(SumTimes128(FourSumsTimes128(ref activations, start)), codes0, codes1, codes2, codes3, ref activations, start).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => PairDot.Dot32Bits4<Avx2Tier, V>(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
    {
        Vector256<int> sum = SumTimes128(FourSumsTimes128(ref activations, start) + FourSumsTimes128(ref activations, start + 16));
        sum = Four(sum, codes0, codes1, codes2, codes3, ref activations, start);
        return Four(sum, codes4, codes5, codes6, codes7, ref activations, start + 16).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyPairs(V codes, ref sbyte activations, int start)
        => Avx2.MultiplyAddAdjacent(codes, Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddShorts(V left, V right) => (left.AsInt16() + right.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FoldPairs(V shorts) => Avx2.MultiplyAddAdjacent(shorts.AsInt16(), Vector256.Create((short)1)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyBy16(V integers) => (integers.AsInt32() << 4).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Four(Vector256<int> sum, V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
    {
        sum = AddCentred(sum, codes0, ref activations, start);
        sum = AddCentred(sum, codes1, ref activations, start + 4);
        sum = AddCentred(sum, codes2, ref activations, start + 8);
        return AddCentred(sum, codes3, ref activations, start + 12);
    }

    // Codes less 128. The multiply wants an unsigned factor: the code's magnitude, its sign given to the activation. A sum of two products,
    // 2 · 128 · 127 = 32,512 at most, is widened at once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> AddCentred(Vector256<int> sum, V codes, ref sbyte activations, int start)
    {
        // The centred codes are written out twice: a local of each would be stored and loaded for every token.
        Vector256<sbyte> x = Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsSByte();
        Vector256<short> pairs = Avx2.MultiplyAddAdjacent(
            Avx2.Abs((codes ^ Vector256.Create((byte)128)).AsSByte()), Avx2.Sign(x, (codes ^ Vector256.Create((byte)128)).AsSByte()));
        return sum + Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1));
    }

    // What codes less 128 lack: Σ of the activations, times 128, in every lane.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> SumTimes128(Vector128<int> sums)
    {
        sums += Sse2.Shuffle(sums, 0b_01_00_11_10);
        sums += Sse2.Shuffle(sums, 0b_10_11_00_01);
        return Vector256.Create(sums, sums);
    }

    // Of 16 activations.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> FourSumsTimes128(ref sbyte activations, int start)
        => Sse2.MultiplyAddAdjacent(
            Ssse3.MultiplyAddAdjacent(Vector128.Create((byte)128), Vector128.LoadUnsafe(ref activations, (nuint)start)), Vector128.Create((short)1));
}
