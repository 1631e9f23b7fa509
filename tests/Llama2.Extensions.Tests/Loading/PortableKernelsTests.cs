using System.Runtime.InteropServices;
using Llama2.Extensions.Loading;

namespace Llama2.Extensions.Tests.Loading;

public class PortableKernelsTests
{
    [Theory]
    [InlineData(KernelTier.Portable, Architecture.X64, true, "The processor has no AVX2*")]
    [InlineData(KernelTier.Portable, Architecture.X64, false, "*<IlcInstructionSet>x86-64-v3</IlcInstructionSet>*")]
    [InlineData(KernelTier.Avx512, Architecture.X64, false, "*LLAMA2_KERNEL_TIER unset to use Avx512.")]
    [InlineData(KernelTier.AdvSimdDot, Architecture.Arm64, true, "*LLAMA2_KERNEL_TIER unset to use AdvSimdDot.")]
    public void FindRemedy_PortableWhereThereAreFasterKernels_SaysHowToGetThem(KernelTier best, Architecture architecture, bool isCompiledWhileRunning, string remedy) =>
        PortableKernels.FindRemedy(KernelTier.Portable, best, architecture, isCompiledWhileRunning).Should().Match(remedy);

    [Theory]
    [InlineData(KernelTier.Portable, Architecture.Wasm)]
    [InlineData(KernelTier.Avx2, Architecture.X64)]
    [InlineData(KernelTier.AdvSimd, Architecture.Arm64)]
    public void FindRemedy_NothingToDo_IsNull(KernelTier tier, Architecture architecture) =>
        PortableKernels.FindRemedy(tier, tier, architecture, isCompiledWhileRunning: true).Should().BeNull();
}
