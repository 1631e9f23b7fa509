using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<byte>;

namespace Llama2.Kernels;

/// <summary>AVX-512 (F, BW, DQ): a register holds all 16 rows of a panel. 8-bit codes use AVX-VNNI if the processor has it.</summary>
internal readonly struct Avx512Tier : IVector512Tier, IPairTier<V>
{
    public static bool IsSupported => Avx512BW.IsSupported && Avx512DQ.IsSupported;

    public static bool SplitsActivations => !AvxVnni.IsSupported;

    public static int ByteKernelBits => AvxVnni.IsSupported ? Avx2VnniTier.ByteKernelBits : int.MaxValue;

    public static int ByteKernelPanelCount => Avx2VnniTier.ByteKernelPanelCount;

    public static int MinimumWideningTokenCount => Avx2VnniTier.MinimumWideningTokenCount;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyBytes<TScales>(in BytePanels panels, in ActivationTile x, ref int corrections, int tokenCount, ref float sums)
        where TScales : struct, IScales
        => BytePanelKernel<TScales, Avx2VnniTier, Vector256<byte>>.Multiply(in panels, in x, ref corrections, tokenCount, ref sums);

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
    public static V MultiplyPairs(V codes, ref sbyte activations, int start)
        => Avx512BW.MultiplyAddAdjacent(codes, Vector512.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddShorts(V left, V right) => (left.AsInt16() + right.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V FoldPairs(V shorts) => Avx512BW.MultiplyAddAdjacent(shorts.AsInt16(), Vector512.Create((short)1)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyBy16(V integers) => (integers.AsInt32() << 4).AsByte();

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
