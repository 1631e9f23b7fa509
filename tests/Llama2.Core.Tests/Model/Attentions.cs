using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Tests.Model;

/// <summary>Attention for the shape of a model, created as the model creates it.</summary>
internal static class Attentions
{
    public static Attention For(ModelConfiguration configuration, KernelTier? tier = null, KeyValueCacheType cacheType = KeyValueCacheType.F32)
        => WeightMatrixFactory.CreateAttention(cacheType, configuration.HeadLength, tier ?? WeightMatrixFactory.BestTier);
}
