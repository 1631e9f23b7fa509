using System.Numerics;
using System.Runtime.CompilerServices;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Quantization;
using Llama2.Sampling;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Generation;

/// <summary>
/// Computes a few tokens with a tiny model whose weights are all zero, in the formats of the file that is being loaded. One thread does this while
/// the others read the file, so that the JIT compiles the forward pass and the sampler before the first prompt. Compiling them takes longer than
/// computing a short prompt. If a prompt comes before the warm-up is finished, its own pass compiles the code.
/// </summary>
internal static class WarmUp
{
    private const int HeadCount = 4;
    private const int HeadLength = 64;
    private const int Width = HeadCount * HeadLength;
    private const int BatchCapacity = 72;
    private const int ContextLength = 2 * Attention.BlockLength;

    // The numbers of tokens in the computed batches: a short prompt, one generated token, and a batch that uses the kernels of a long prompt.
    private static readonly int[] s_tokenCounts = [8, 1, BatchCapacity];

    /// <summary>
    /// The work of the thread. Null if there is no JIT. Also null if there are no vector instructions, because this computation would then take
    /// longer than the compilation that it saves.
    /// </summary>
    /// <param name="tensors">The tensors of the file; those of unsupported types are ignored.</param>
    /// <param name="configuration">The model's shape. Only its architecture, and whether several query heads share a key and value head, matter.</param>
    /// <param name="tier">The tier of the model's kernels.</param>
    /// <param name="cacheType">The type of the model's keys and values; null for the default of its weights.</param>
    public static Action? For(IReadOnlyList<TensorDescription> tensors, ModelConfiguration configuration, KernelTier tier, KeyValueCacheType? cacheType)
        => RuntimeFeature.IsDynamicCodeCompiled && Vector.IsHardwareAccelerated ? () => TryRun(tensors, configuration, tier, cacheType) : null;

    /// <summary>Does the work; the parameters are those of the method <see cref="For"/>.</summary>
    /// <returns>The number of computed tokens: 0 if the file has no weight matrix, or if there is no memory for keys and values.</returns>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    internal static int Run(IReadOnlyList<TensorDescription> tensors, ModelConfiguration configuration, KernelTier tier, KeyValueCacheType? cacheType)
    {
        int keyValueHeadCount = configuration.KeyValueHeadCount == configuration.HeadCount ? HeadCount : 1;
        using LlamaWeights weights = CreateWeights(tensors, configuration.Family.Tensors, new ModelDimensions(LayerCount: 1, Width, HeadCount, keyValueHeadCount, Width, Width), tier);
        if (weights.Layers.Count == 0)
        {
            return 0;
        }

        // Only the architecture and the name are taken from the file's configuration, because the compiled code is the same for all numbers of
        // layers, heads and elements.
        configuration = new ModelConfiguration
        {
            Architecture = configuration.Architecture,
            Name = configuration.Name,
            ContextLength = ContextLength,
            EmbeddingLength = Width,
            LayerCount = weights.Layers.Count,
            HeadCount = HeadCount,
            KeyValueHeadCount = keyValueHeadCount,
            FeedForwardLength = Width,
            VocabularySize = Width,
            RmsNormEpsilon = 1e-5f,
        };
        Attention attention = WeightMatrixFactory.CreateAttention(cacheType ?? weights.CacheTypeFor(tier), HeadLength, tier);
        using var pool = new WorkerPool(1);
        using var state = new InferenceState(configuration, BatchCapacity, logitsCapacity: 1, pool.ThreadCount);
        using var memory = new KeyValuePool(configuration, attention, KeyValueCache.ByteSizeFor(configuration, attention, ContextLength));
        if (memory.TryRent([0], 0, ContextLength, out int position) is not { } cache)
        {
            return 0;
        }

        var transformer = new LlamaTransformer(configuration, weights, attention, pool);
        var batch = new Batch(BatchCapacity);
        var candidates = new TokenCandidates(configuration.VocabularySize);
        foreach (int count in s_tokenCounts)
        {
            batch.Clear();
            for (int token = 1; token <= count; token++)
            {
                batch.Add(0, position++, cache, wantsLogits: token == count);
            }

            transformer.Forward(batch, state, () => false);
            new Sampler(new GenerationOptions(), configuration.VocabularySize).Sample(candidates, state.Logits[0], [0], out _);
        }

        memory.Return(cache);
        return position;
    }

    private static void TryRun(IReadOnlyList<TensorDescription> tensors, ModelConfiguration configuration, KernelTier tier, KeyValueCacheType? cacheType)
    {
        try
        {
            Run(tensors, configuration, tier, cacheType);
        }
#pragma warning disable CA1031 // No caller waits for this. A failure, such as a lack of memory, occurs again in a later pass, which reports it.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    // All weights are zero. There is a layer for each type, because the kernels are compiled for each type separately.
    private static LlamaWeights CreateWeights(IReadOnlyList<TensorDescription> tensors, TensorRoles roles, ModelDimensions dimensions, KernelTier tier)
    {
        GgmlType embeddingType = GgmlType.F32;
        GgmlType? outputType = null;
        float[] norm = new float[Width];
        var layers = new List<LlamaLayer>();
        foreach (TensorDescription tensor in tensors)
        {
            if (tensor.Dimensions.Count == 1 || !WeightFormats.IsSupported(tensor.Type))
            {
                continue;
            }

            if (tensor.Name == LlamaTensors.TokenEmbedding.Name())
            {
                embeddingType = tensor.Type;
            }
            else if (tensor.Name == LlamaTensors.Output.Name())
            {
                outputType = tensor.Type;
            }
            else if (!layers.Exists(layer => layer.Query.Type == tensor.Type))
            {
                layers.Add(CreateLayer(tensor.Type));
            }
        }

        return new LlamaWeights
        {
            TokenEmbedding = new EmbeddingTable(embeddingType, Width, Width),
            Layers = layers,
            OutputNorm = norm,
            Output = CreateMatrix(outputType ?? embeddingType, Width),
            IsOutputTied = outputType is null,
        };

        LlamaLayer CreateLayer(GgmlType type) => new(roles, _ => norm, role => CreateMatrix(type, (int)dimensions[role.Rows]));

        WeightMatrix CreateMatrix(GgmlType type, int rowCount) => WeightMatrixFactory.Create(type, rowCount, Width, tier);
    }
}
