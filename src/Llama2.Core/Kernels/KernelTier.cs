namespace Llama2;

/// <summary>
/// A set of processor instructions that the kernels are specialised for. Of the tiers that a process can use
/// (<see cref="LlamaHardware.SupportedKernelTiers"/>), the last one is the fastest.
/// </summary>
public enum KernelTier
{
    /// <summary>Any processor; the kernels use the operations on 128-bit vectors that .NET provides everywhere.</summary>
    Portable,

    /// <summary>ARM64 with Advanced SIMD.</summary>
    AdvSimd,

    /// <summary>ARM64 with instructions for dot products of 8-bit numbers (FEAT_DotProd).</summary>
    AdvSimdDot,

    /// <summary>x86-64 with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>x86-64 with AVX2, and with AVX-VNNI's instructions for dot products of 8-bit numbers.</summary>
    Avx2Vnni,

    /// <summary>x86-64 with AVX-512 F, BW, CD, DQ and VL.</summary>
    Avx512,

    /// <summary>
    /// x86-64 with AVX-512, and with AVX512-VNNI's instructions for dot products of 8-bit numbers. It needs .NET 11, because earlier versions of .NET
    /// cannot use these instructions.
    /// </summary>
    Avx512Vnni,
}
