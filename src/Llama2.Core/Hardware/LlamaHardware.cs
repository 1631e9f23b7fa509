using Llama2.Kernels;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2;

/// <summary>What the matrix kernels make of the processor that this process runs on. All members are thread-safe.</summary>
/// <remarks>
/// A kernel tier is a set of instructions that the kernels are specialised for. The best that the processor has is used, unless the environment
/// variable <c>LLAMA2_KERNEL_TIER</c> names another, in upper or lower case, when a model is loaded. Results are the same in every tier, but
/// on an x86 processor without FMA, where multiply-adds are rounded twice.
/// </remarks>
public static class LlamaHardware
{
    /// <summary>The environment variable that chooses the kernel tier of models that are loaded from then on.</summary>
    public const string KernelTierVariable = "LLAMA2_KERNEL_TIER";

    /// <summary>
    /// The name of the kernel tier that the next model will use: <c>Portable</c>, <c>AdvSimd</c>, <c>AdvSimdDot</c>, <c>Avx2</c>, <c>Avx2Vnni</c>
    /// or <c>Avx512</c>.
    /// </summary>
    /// <exception cref="LlamaException"><c>LLAMA2_KERNEL_TIER</c> names a tier that is unknown or that this process cannot use.</exception>
    public static string KernelTier => ChooseTier().ToString();

    /// <summary>The names of the kernel tiers that this process can use, best last; never empty, <c>Portable</c> is always one.</summary>
    public static IReadOnlyList<string> SupportedKernelTiers => [.. WeightMatrixFactory.SupportedTiers.Select(tier => tier.ToString())];

    /// <summary>Bytes of a vector register of <see cref="KernelTier"/>: 16, 32 or 64.</summary>
    /// <exception cref="LlamaException"><c>LLAMA2_KERNEL_TIER</c> names a tier that is unknown or that this process cannot use.</exception>
    public static int VectorByteSize => ChooseTier() switch
    {
        Kernels.KernelTier.Avx512 => 64,
        Kernels.KernelTier.Avx2 or Kernels.KernelTier.Avx2Vnni => 32,
        _ => 16,
    };

    /// <summary>Logical processors that this process may use, 1 or more, by its affinity and its container's share of processor time.</summary>
    public static int ProcessorCount => Environment.ProcessorCount;

    /// <summary>
    /// Processor cores that this process may use, 1 to <see cref="ProcessorCount"/>: a model's threads, unless <see cref="LlamaModelOptions.ThreadCount"/>
    /// says otherwise. Where the operating system does not tell in files, as Linux does, it is <see cref="ProcessorCount"/>. Read once.
    /// </summary>
    public static int PhysicalCoreCount => PhysicalCores.KnownCount;

    internal static KernelTier ChooseTier() => ChooseTier(Environment.GetEnvironmentVariable(KernelTierVariable));

    /// <summary>The tier of this name, or the best for null or nothing.</summary>
    internal static KernelTier ChooseTier(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return WeightMatrixFactory.BestTier;
        }

        foreach (KernelTier tier in WeightMatrixFactory.SupportedTiers)
        {
            if (tier.ToString().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return tier;
            }
        }

        throw new LlamaException(
            $"The environment variable {KernelTierVariable} is '{name}', which is not a kernel tier that this process can use: set it to one of {string.Join(", ", SupportedKernelTiers)}, or unset it.");
    }
}
