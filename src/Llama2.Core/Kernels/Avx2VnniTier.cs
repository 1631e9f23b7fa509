using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<byte>;

namespace Llama2.Kernels;

/// <summary>
/// AVX-VNNI: <c>vpdpbusd</c> adds four products of unsigned codes and signed activations to a 32-bit sum, so codes of any width are multiplied in the
/// same way. The additions of each block are divided into two chains, because in a single chain each addition would wait for the result of the one before.
/// </summary>
internal readonly struct Avx2VnniTier : IVector256Tier
{
    public static bool IsSupported => AvxVnni.IsSupported && Avx2Tier.IsSupported;

    public static bool SplitsActivations => false;

    // Eight sums and eight code vectors do not fit in 16 registers. Nevertheless, a tile of eight tokens ran at 1.1 times the speed of a tile of
    // four, because one load of codes serves eight tokens.
    public static int TileTokenCount => 8;

    public static bool HasByteKernel => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyBytes<TCodes>(ref byte codes, ref float scales, in ActivationTile x, int blockCount, int tokenCount, PanelOutput output)
        where TCodes : struct, ICodes
        => VnniPanelKernel<TCodes>.Multiply(ref codes, ref scales, in x, blockCount, tokenCount, output);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits5(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(codes0, codes1, codes2, codes3, ref activations, start).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits6(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(codes0, codes1, codes2, codes3, ref activations, start).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot16Bits8(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
        => Four(codes0, codes1, codes2, codes3, ref activations, start).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits4(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => Eight(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Dot32Bits8(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => Eight(codes0, codes1, codes2, codes3, codes4, codes5, codes6, codes7, ref activations, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Eight(V codes0, V codes1, V codes2, V codes3, V codes4, V codes5, V codes6, V codes7, ref sbyte activations, int start)
        => (Four(codes0, codes1, codes2, codes3, ref activations, start) + Four(codes4, codes5, codes6, codes7, ref activations, start + 16)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Four(V codes0, V codes1, V codes2, V codes3, ref sbyte activations, int start)
    {
        Vector256<int> sum = Add(Vector256<int>.Zero, codes0, ref activations, start);
        sum = Add(sum, codes1, ref activations, start + 4);
        sum = Add(sum, codes2, ref activations, start + 8);
        return Add(sum, codes3, ref activations, start + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sum, V codes, ref sbyte activations, int start)
        => AvxVnni.MultiplyWideningAndAdd(sum, codes, Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsSByte());
}
