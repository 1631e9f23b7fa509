using Llama2.Quantization;
using Llama2.Tensors;

namespace Llama2.Tests.Kernels;

/// <summary>What only <see cref="KernelTier.Avx512Vnni"/> does; the tests of all tiers test it too where it is supported.</summary>
public class Avx512VnniTierTests
{
    [Avx512VnniFact]
    public void Tier_WhereSupported_IsTheBest() => WeightMatrixFactory.BestTier.Should().Be(KernelTier.Avx512Vnni);

    [Avx512VnniFact]
    public void Matrix_ManyTokens_TakesThreePanelsAtATimeAndWholeActivations()
    {
        foreach (GgmlType type in WeightFormats.Supported)
        {
            using WeightMatrix matrix = WeightMatrixFactory.Create(type, 64, 256, KernelTier.Avx512Vnni);
            matrix.PanelGroupLength(256).Should().Be(matrix.IsQuantized ? 3 : 1);
            matrix.PanelGroupLength(1).Should().Be(1);
            matrix.SplitsActivations.Should().BeFalse();
        }
    }
}
