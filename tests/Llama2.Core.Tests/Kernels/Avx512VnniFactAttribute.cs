using Llama2.Tensors;

namespace Llama2.Tests.Kernels;

/// <summary>A test that runs only where the tier <see cref="KernelTier.Avx512Vnni"/> is supported.</summary>
public sealed class Avx512VnniFactAttribute : FactAttribute
{
    public Avx512VnniFactAttribute()
    {
        if (!WeightMatrixFactory.IsSupported(KernelTier.Avx512Vnni))
            Skip = $"Needs .NET 11 and a processor with AVX512-VNNI; this is .NET {Environment.Version}.";
    }
}
