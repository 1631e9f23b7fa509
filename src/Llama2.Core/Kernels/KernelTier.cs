namespace Llama2;

/// <summary>
/// A set of processor instructions that the kernels are specialised for. The last of those that a process can use
/// (<see cref="LlamaHardware.SupportedKernelTiers"/>) is the fastest.
/// </summary>
public enum KernelTier
{
    /// <summary>Any processor, by the operations on 128-bit vectors that .NET provides everywhere.</summary>
    Portable,

    /// <summary>ARM64 with Advanced SIMD.</summary>
    AdvSimd,

    /// <summary>ARM64 with the dot products of 8-bit numbers (FEAT_DotProd).</summary>
    AdvSimdDot,

    /// <summary>x86-64 with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>x86-64 with AVX2 and AVX-VNNI, the dot products of 8-bit numbers.</summary>
    Avx2Vnni,

    /// <summary>x86-64 with AVX-512 F, BW, CD, DQ and VL.</summary>
    Avx512,
}
