namespace Llama2.Kernels;

/// <summary>The instruction-set tiers that kernels are specialised for; of those that a process may use the last is the best.</summary>
internal enum KernelTier
{
    /// <summary><see cref="PortableTier"/>: any processor.</summary>
    Portable,

    /// <summary><see cref="AdvSimdTier"/>.</summary>
    AdvSimd,

    /// <summary><see cref="AdvSimdDotTier"/>.</summary>
    AdvSimdDot,

    /// <summary><see cref="Avx2Tier"/>.</summary>
    Avx2,

    /// <summary><see cref="Avx2VnniTier"/>.</summary>
    Avx2Vnni,

    /// <summary><see cref="Avx512Tier"/>.</summary>
    Avx512,
}
