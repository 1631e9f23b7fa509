using Llama2.Memory;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2;

/// <summary>States which features of this machine's processor the matrix kernels use. All members are thread-safe.</summary>
/// <remarks>
/// A kernel tier is a set of instructions that the kernels are specialised for. The best tier that the processor supports is used, unless
/// <see cref="LlamaModelOptions.KernelTier"/> or the environment variable <c>LLAMA2_KERNEL_TIER</c> names another tier when a model is loaded. The
/// variable's value may be written in upper or lower case. Results are the same in every tier, except on an x86 processor without FMA, where
/// multiply-adds are rounded twice.
/// </remarks>
public static class LlamaHardware
{
    /// <summary>The environment variable that chooses the kernel tier; it is read when a model is loaded.</summary>
    public const string KernelTierVariable = "LLAMA2_KERNEL_TIER";

    /// <summary>The kernel tier that the next model will use, unless <see cref="LlamaModelOptions.KernelTier"/> says otherwise.</summary>
    /// <exception cref="LlamaException"><c>LLAMA2_KERNEL_TIER</c> names a tier that is unknown or that this process cannot use.</exception>
    public static KernelTier KernelTier => ChooseTier();

    /// <summary>The kernel tiers that this process can use, the best last. Never empty: <see cref="KernelTier.Portable"/> is always available.</summary>
    public static IReadOnlyList<KernelTier> SupportedKernelTiers { get; } = [.. WeightMatrixFactory.SupportedTiers];

    /// <summary>The size of a vector register of <see cref="KernelTier"/> in bytes: 16, 32 or 64.</summary>
    /// <exception cref="LlamaException"><c>LLAMA2_KERNEL_TIER</c> names a tier that is unknown or that this process cannot use.</exception>
    public static int VectorByteSize => ChooseTier() switch
    {
        KernelTier.Avx512 or KernelTier.Avx512Vnni => 64,
        KernelTier.Avx2 or KernelTier.Avx2Vnni => 32,
        _ => 16,
    };

    /// <summary>
    /// The number of logical processors that this process may use, 1 or more, according to its affinity and its container's share of processor time.
    /// </summary>
    public static int ProcessorCount => Environment.ProcessorCount;

    /// <summary>
    /// The number of processor cores that this process may use, 1 to <see cref="ProcessorCount"/>. A model uses this number of threads, unless
    /// <see cref="LlamaModelOptions.ThreadCount"/> states another number. Linux states the number of cores in files, which are read once; if there
    /// are no such files, the number is <see cref="ProcessorCount"/>.
    /// </summary>
    public static int PhysicalCoreCount => PhysicalCores.KnownCount;

    /// <summary>
    /// The number of bytes of memory that this process may hold: the limit of its container if there is one, otherwise the memory of the machine.
    /// </summary>
    public static long MemoryByteSize => MemoryBudget.LimitBytes;

    internal static KernelTier ChooseTier() => ChooseTier(Environment.GetEnvironmentVariable(KernelTierVariable));

    /// <summary>The tier of this name; for null or an empty name, the best tier.</summary>
    internal static KernelTier ChooseTier(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return WeightMatrixFactory.BestTier;
        }

        foreach (KernelTier tier in SupportedKernelTiers)
        {
            if (tier.ToString().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return tier;
            }
        }

        throw Unsupported($"The environment variable {KernelTierVariable} is '{name}'", ", or unset it");
    }

    /// <summary>Returns the given tier if this process can use it.</summary>
    /// <exception cref="LlamaException">This process cannot use the tier.</exception>
    internal static KernelTier RequireTier(KernelTier tier)
        => SupportedKernelTiers.Contains(tier) ? tier : throw Unsupported($"{nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.KernelTier)} is {tier}", ", or leave it null");

    private static LlamaException Unsupported(string what, string otherwise)
        => new($"{what}, which is not a kernel tier that this process can use: set it to one of {string.Join(", ", SupportedKernelTiers)}{otherwise}.");
}
