#if NET11_0_OR_GREATER
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<byte>;

namespace Llama2.Kernels;

/// <summary>AVX-512 with <c>vpdpbusd</c> for 512-bit registers (AVX512-VNNI), for which .NET has a method since version 11.</summary>
internal readonly struct Avx512VnniTier : IVector512Tier, IByteTier<Avx512VnniTier, V>
{
    public static bool IsSupported => AvxVnni.V512.IsSupported && Avx512Tier.IsSupported;

    public static int ByteKernelBits => 0;

    public static int ByteKernelPanelCount => 3;

    public static int MinimumWideningTokenCount => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(float value) => Vector512.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadFour(ref sbyte activations, int start) => Vector512.Create(Unsafe.As<sbyte, int>(ref Unsafe.Add(ref activations, start))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddProducts(V sums, V codes, V activations) => AvxVnni.V512.MultiplyWideningAndAdd(sums.AsInt32(), codes, activations.AsSByte()).AsByte();
}
#endif
