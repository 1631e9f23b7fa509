using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using V = System.Runtime.Intrinsics.Vector128<byte>;

namespace Llama2.Kernels;

/// <summary>
/// ARM64's dot product extension: <c>sdot</c> adds four products of signed bytes to a 32-bit sum. It can take its four activations from any quarter
/// of a register that holds 16 activations.
/// </summary>
internal readonly struct AdvSimdDotTier : IVector128Tier
{
    public static bool IsSupported => Dp.IsSupported && AdvSimd.Arm64.IsSupported;

    public static bool SplitsActivations => false;

    // There are 32 registers, which suffice for eight sums and eight code vectors.
    public static int TileTokenCount => 8;

    public static int FloatTileTokenCount => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Lookup(V indexes, ref readonly byte tables) => AdvSimd.Arm64.VectorTableLookup(Vector128.LoadUnsafe(in tables), indexes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(Vector128<int>.Zero, codes0, codes1, codes2, codes3, Load16(ref activations, start)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(Vector128<int>.Zero, codes0, codes1, codes2, codes3, Load16(ref activations, start)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => FourCentred(SumTimes128(Dp.DotProduct(Vector128<int>.Zero, Load16(ref activations, start), Vector128.Create((sbyte)64))),
            codes0, codes1, codes2, codes3, Load16(ref activations, start)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => Four(Four(Vector128<int>.Zero, codes0, codes1, codes2, codes3, Load16(ref activations, start)), codes4, codes5, codes6, codes7, Load16(ref activations, start + 16)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
    {
        Vector128<sbyte> x0 = Load16(ref activations, start), x1 = Load16(ref activations, start + 16);
        Vector128<int> sums = Dp.DotProduct(Dp.DotProduct(Vector128<int>.Zero, x0, Vector128.Create((sbyte)64)), x1, Vector128.Create((sbyte)64));
        return FourCentred(FourCentred(SumTimes128(sums), codes0, codes1, codes2, codes3, x0), codes4, codes5, codes6, codes7, x1).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Load16(ref sbyte activations, int start) => Vector128.LoadUnsafe(ref activations, (nuint)start);

    // The correction for codes that were reduced by 128: the sum of the activations, times 128. It is computed from four partial sums that are
    // already multiplied by 64.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> SumTimes128(Vector128<int> sumsTimes64)
    {
        Vector128<int> sums = AdvSimd.Arm64.AddPairwise(sumsTimes64, sumsTimes64);
        return AdvSimd.Arm64.AddPairwise(sums, sums) << 1;
    }

    // sdot multiplies signed codes, so codes below 2⁸ are first reduced by 128.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> FourCentred(Vector128<int> sum, V codes0, V codes1, V codes2, V codes3, Vector128<sbyte> x)
        => Four(sum, codes0 ^ Vector128.Create((byte)0x80), codes1 ^ Vector128.Create((byte)0x80),
            codes2 ^ Vector128.Create((byte)0x80), codes3 ^ Vector128.Create((byte)0x80), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Four(Vector128<int> sum, V codes0, V codes1, V codes2, V codes3, Vector128<sbyte> x)
    {
        sum = Dp.DotProductBySelectedQuadruplet(sum, codes0.AsSByte(), x, 0);
        sum = Dp.DotProductBySelectedQuadruplet(sum, codes1.AsSByte(), x, 1);
        sum = Dp.DotProductBySelectedQuadruplet(sum, codes2.AsSByte(), x, 2);
        return Dp.DotProductBySelectedQuadruplet(sum, codes3.AsSByte(), x, 3);
    }
}
