using Llama2.Kernels;
using Llama2.Tensors;
using Llama2.Tests.Kernels;
using Llama2.Threading;

namespace Llama2.Tests.Hardware;

public class LlamaHardwareTests
{
    [Fact]
    public void SupportedKernelTiers_AreThoseOfTheKernels_BestLast()
    {
        LlamaHardware.SupportedKernelTiers.Should().Equal(Tiers.Supported);
        LlamaHardware.SupportedKernelTiers[0].Should().Be(KernelTier.Portable);
        LlamaHardware.SupportedKernelTiers[^1].Should().Be(WeightMatrixFactory.BestTier);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void ChooseTier_NoName_IsTheBest(string? name) => LlamaHardware.ChooseTier(name).Should().Be(WeightMatrixFactory.BestTier);

    [Fact]
    public void ChooseTier_NameOfASupportedTier_IsThatTier()
    {
        foreach (KernelTier tier in Tiers.Supported)
        {
            LlamaHardware.ChooseTier(tier.ToString()).Should().Be(tier);
            LlamaHardware.ChooseTier(tier.ToString().ToUpperInvariant()).Should().Be(tier);
        }
    }

    [Theory]
    [InlineData("Fast")]
    [InlineData("0")]
    [InlineData(" Portable")]
    [InlineData("Portable,Avx2")]
    public void ChooseTier_UnknownName_SaysWhatThereIs(string name) => CheckRefused(name);

    [Fact]
    public void ChooseTier_TierOfAnotherProcessor_SaysWhatThereIs()
    {
        KernelTier[] missing = [.. Enum.GetValues<KernelTier>().Except(Tiers.Supported)];
        // No processor is both ARM and x86.
        missing.Should().NotBeEmpty().And.AllSatisfy(tier => CheckRefused(tier.ToString()));
    }

    [Fact]
    public void Load_TierOfAnotherProcessor_SaysWhatThereIs()
    {
        KernelTier missing = Enum.GetValues<KernelTier>().Except(Tiers.Supported).First();

        FluentActions.Invoking(() => LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { KernelTier = missing }))
            .Should().Throw<LlamaException>().WithMessage($"LlamaModelOptions.KernelTier is {missing}, which is not a kernel tier that this process can use: set it to one of Portable*");
        FluentActions.Invoking(() => new LlamaModelOptions { KernelTier = (KernelTier)99 }).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void KernelTier_AndItsVectors_FitTogether()
    {
        LlamaHardware.SupportedKernelTiers.Should().Contain(LlamaHardware.KernelTier);
        var lanes = new Lanes();
        Tiers.Check(LlamaHardware.KernelTier.ToString(), lanes);
        LlamaHardware.VectorByteSize.Should().Be(4 * lanes.Count);
    }

    [Fact]
    public void Processors_AndTheirCores_AreThoseOfTheProcess()
    {
        LlamaHardware.ProcessorCount.Should().Be(Environment.ProcessorCount);
        LlamaHardware.PhysicalCoreCount.Should().Be(PhysicalCores.Count()).And.BeInRange(1, Environment.ProcessorCount);
    }

    private static void CheckRefused(string name)
    {
        Action choose = () => LlamaHardware.ChooseTier(name);
        choose.Should().Throw<LlamaException>().WithMessage($"*LLAMA2_KERNEL_TIER*'{name}'*Portable*unset*");
    }

    private sealed class Lanes : ITierCheck
    {
        public int Count { get; private set; }

        public void Check<TTier, V>()
            where TTier : struct, ITier<V>
            where V : struct => Count = TTier.Lanes;
    }
}
