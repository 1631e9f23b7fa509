using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<byte>;

namespace Llama2.Kernels;

/// <summary>
/// AVX-VNNI: <c>vpdpbusd</c> adds four products of unsigned codes and signed activations to a 32-bit sum.
/// </summary>
internal readonly struct Avx2VnniTier : IVector256Tier, IByteTier<Avx2VnniTier, V>
{
    public static bool IsSupported => AvxVnni.IsSupported && Avx2Tier.IsSupported;

    // Eight sums and eight code vectors do not fit in 16 registers. Nevertheless, a tile of eight tokens ran at 1.1 times the speed of a tile of
    // four, because one load of codes serves eight tokens.
    public static int TileTokenCount => 8;

    public static int ByteKernelBits => 8;

    public static int ByteKernelPanelCount => 1;

    public static int MinimumWideningTokenCount => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vector256.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadFour(ref sbyte activations, int start) => Vector256.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddProducts(V sums, V codes, V activations) => AvxVnni.MultiplyWideningAndAdd(sums.AsInt32(), codes, activations.AsSByte()).AsByte();
}
