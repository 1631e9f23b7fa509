namespace Llama2.Kernels;

/// <summary>The instruction-set tiers that kernels are specialised for, best last.</summary>
internal enum KernelTier
{
    /// <summary><see cref="PortableTier"/>: any processor.</summary>
    Portable,

    /// <summary><see cref="Avx512Tier"/>.</summary>
    Avx512,
}
