using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using V = System.Runtime.Intrinsics.Vector128<byte>;

namespace Llama2.Kernels;

/// <summary>
/// ARM64's AdvSimd. A multiply instruction adds eight products of signed bytes to eight 16-bit sums: for each of two rows, one sum for each of four
/// columns. The products of several code vectors fit in these sums; the number of code vectors depends on the codes' width. The sums are widened to 32 bits
/// only after these products have been added.
/// </summary>
internal readonly struct AdvSimdTier : IVector128Tier
{
    public static bool IsSupported => AdvSimd.Arm64.IsSupported;

    public static bool SplitsActivations => false;

    // There are 32 registers, which suffice for eight sums and eight code vectors.
    public static int TileTokenCount => 8;

    public static int FloatTileTokenCount => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(V indexes, ref readonly byte tables) => AdvSimd.Arm64.VectorTableLookup(Vector128.LoadUnsafe(in tables), indexes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Dot16Bits6(codes0, codes1, codes2, codes3, ref activations, start);

    // Each 16-bit sum consists of four products, and is at most 4 · 63 · 127 = 32,004 < 32,768.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
    {
        Vector128<short> lower = MultiplyLower(codes0, ref activations, start), upper = MultiplyUpper(codes0, ref activations, start);
        Add(ref lower, ref upper, codes1, ref activations, start + 4);
        Add(ref lower, ref upper, codes2, ref activations, start + 8);
        Add(ref lower, ref upper, codes3, ref activations, start + 12);
        return Fold(lower, upper).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => (Four(codes0, codes1, codes2, codes3, ref activations, start) + SumTimes128(Pairs(ref activations, start))).AsByte();

    // Each 16-bit sum consists of eight products, and is at most 8 · 15 · 127 = 15,240 < 32,768.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
    {
        Vector128<short> lower = MultiplyLower(codes0, ref activations, start), upper = MultiplyUpper(codes0, ref activations, start);
        Add(ref lower, ref upper, codes1, ref activations, start + 4);
        Add(ref lower, ref upper, codes2, ref activations, start + 8);
        Add(ref lower, ref upper, codes3, ref activations, start + 12);
        Add(ref lower, ref upper, codes4, ref activations, start + 16);
        Add(ref lower, ref upper, codes5, ref activations, start + 20);
        Add(ref lower, ref upper, codes6, ref activations, start + 24);
        Add(ref lower, ref upper, codes7, ref activations, start + 28);
        return Fold(lower, upper).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => (Four(codes0, codes1, codes2, codes3, ref activations, start) + Four(codes4, codes5, codes6, codes7, ref activations, start + 16)
            + SumTimes128(Pairs(ref activations, start) + Pairs(ref activations, start + 16))).AsByte();

    // The codes are reduced by 128, so that they are signed bytes. Each 16-bit sum consists of two products, and is at most 2 · 128 · 127 = 32,512
    // < 32,768.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Four(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Two(codes0 ^ Vector128.Create((byte)0x80), codes1 ^ Vector128.Create((byte)0x80), ref activations, start)
            + Two(codes2 ^ Vector128.Create((byte)0x80), codes3 ^ Vector128.Create((byte)0x80), ref activations, start + 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Two(V codes0, V codes1, ref sbyte activations, int start)
    {
        Vector128<short> lower = MultiplyLower(codes0, ref activations, start), upper = MultiplyUpper(codes0, ref activations, start);
        Add(ref lower, ref upper, codes1, ref activations, start + 4);
        return Fold(lower, upper);
    }

    // Adds the 16 activations in pairs, which gives eight sums.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Pairs(ref sbyte activations, int start)
        => AdvSimd.AddPairwiseWidening(Vector128.LoadUnsafe(ref activations, (nuint)start));

    // The correction for codes that were reduced by 128: the sum of the activations, times 128.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> SumTimes128(Vector128<short> activations)
    {
        Vector128<int> sums = AdvSimd.AddPairwiseWidening(activations);
        sums = AdvSimd.Arm64.AddPairwise(sums, sums);
        return AdvSimd.Arm64.AddPairwise(sums, sums) << 7;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector128<short> lower, ref Vector128<short> upper, V codes, ref sbyte activations, int start)
    {
        Vector128<sbyte> x = Broadcast(ref activations, start);
        lower = AdvSimd.MultiplyWideningLowerAndAdd(lower, codes.AsSByte().GetLower(), x.GetLower());
        upper = AdvSimd.MultiplyWideningUpperAndAdd(upper, codes.AsSByte(), x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> MultiplyLower(V codes, ref sbyte activations, int start)
        => AdvSimd.MultiplyWideningLower(codes.AsSByte().GetLower(), Broadcast(ref activations, start).GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> MultiplyUpper(V codes, ref sbyte activations, int start)
        => AdvSimd.MultiplyWideningUpper(codes.AsSByte(), Broadcast(ref activations, start));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Broadcast(ref sbyte activations, int start)
        => Vector128.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsSByte();

    // Adds the four sums of each row. The first argument contains the sums of rows 0 and 1, and the second those of rows 2 and 3.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Fold(Vector128<short> lower, Vector128<short> upper)
        => AdvSimd.Arm64.AddPairwise(AdvSimd.AddPairwiseWidening(lower), AdvSimd.AddPairwiseWidening(upper));
}
