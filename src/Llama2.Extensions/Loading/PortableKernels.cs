using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Extensions.Loading;

/// <summary>Explains why a model runs on portable kernels although faster kernels exist.</summary>
internal static class PortableKernels
{
    /// <summary>Sentences that say why the model runs on portable kernels and how to get faster ones; null if nothing can be done.</summary>
    public static string? FindRemedy(KernelTier tier) =>
        FindRemedy(tier, LlamaHardware.SupportedKernelTiers[^1], RuntimeInformation.ProcessArchitecture, RuntimeFeature.IsDynamicCodeSupported);

    /// <param name="tier">The tier of the model.</param>
    /// <param name="best">The fastest kernel tier that this process can use.</param>
    /// <param name="architecture">The processor architecture of the process. Faster kernels than the portable ones exist for x64 and ARM64.</param>
    /// <param name="isCompiledWhileRunning">
    /// Whether code is compiled at run time for the processor of this machine. Otherwise it was compiled ahead of time for the instruction sets that
    /// the project names.
    /// </param>
    public static string? FindRemedy(KernelTier tier, KernelTier best, Architecture architecture, bool isCompiledWhileRunning)
    {
        if (tier != KernelTier.Portable || architecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return null;
        }

        if (best != KernelTier.Portable)
        {
            return $"The portable kernels were selected explicitly: leave {nameof(LlamaOptions)}.{nameof(LlamaOptions.KernelTier)} null and the environment variable {LlamaHardware.KernelTierVariable} unset to use {best}.";
        }

        return isCompiledWhileRunning
            ? "The processor has no AVX2 and FMA, or the runtime is configured not to use them (DOTNET_EnableAVX2, DOTNET_EnableHWIntrinsic)."
            : "The program was compiled ahead of time without AVX2: add <IlcInstructionSet>x86-64-v3</IlcInstructionSet> to its project and publish it again.";
    }
}
