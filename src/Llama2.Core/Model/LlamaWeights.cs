using Llama2.Architectures;
using Llama2.Memory;
using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>All weights of a model. Immutable once loaded.</summary>
internal sealed class LlamaWeights : IDisposable
{
    /// <summary>[vocabulary, embedding]: the embedding of each token.</summary>
    public required EmbeddingTable TokenEmbedding { get; init; }

    /// <summary>The layers, in the order in which the residual stream passes through them.</summary>
    public required IReadOnlyList<LlamaLayer> Layers { get; init; }

    /// <summary>[embedding]: the weights of the norm before the output matrix.</summary>
    public required float[] OutputNorm { get; init; }

    /// <summary>[vocabulary, embedding]; a copy of the token embedding if the model ties the two.</summary>
    public required WeightMatrix Output { get; init; }

    /// <summary>Whether <see cref="Output"/> is a copy of the token embedding.</summary>
    public required bool IsOutputTied { get; init; }

    /// <summary>[head / 2]: each pair's rotary frequency is divided by its factor; null if the model has none.</summary>
    public float[]? RopeFrequencyFactors { get; init; }

    /// <summary>The memory of the embedding table and of the matrices; null if each of them has separate memory.</summary>
    public WeightStorage? Storage { get; init; }

    /// <summary>The number of bytes of memory that the weights take.</summary>
    public long ByteSize => TokenEmbedding.ByteSize + Layers.Sum(layer => layer.ByteSize) + sizeof(float) * OutputNorm.Length + Output.ByteSize;

    /// <summary>The number of bytes of <see cref="ByteSize"/> that are in a mapped file, and not in memory of the process.</summary>
    public long MappedByteSize => Storage is { IsMapped: true } ? Storage.ByteSize : 0;

    /// <summary>The number of bytes that a pass of one token reads: everything except the embeddings of other tokens.</summary>
    public long DecodeByteSize => TokenEmbedding.RowByteSize + Layers.Sum(layer => layer.ByteSize) + sizeof(float) * OutputNorm.Length + Output.ByteSize;

    /// <summary>The type of keys and values on a tier unless the options name another.</summary>
    public KeyValueCacheType CacheTypeFor(KernelTier tier) => CacheTypeFor(Layers.All(layer => layer.Key.IsQuantized), tier);

    /// <summary>
    /// The cheapest type of keys and values that adds nothing noticeable to the error of the logits: keys and values in F16 or I16 cause an error of at most
    /// 5e-4, quantized weights and activations cause an error of 2e-2.
    /// </summary>
    /// <param name="isQuantized">Whether the weights that compute the keys are quantized in all layers.</param>
    /// <param name="tier">The tier of the kernels.</param>
    public static KeyValueCacheType CacheTypeFor(bool isQuantized, KernelTier tier)
        => isQuantized ? WeightMatrixFactory.FastestHalfWidthCache(tier) : KeyValueCacheType.F32;

    /// <summary>
    /// The matrices that an adapter may change, with the names of their tensors. A tied output matrix is not among them, because it has no tensor of
    /// its own.
    /// </summary>
    public IEnumerable<(string Name, WeightMatrix Matrix)> NamedMatrices()
    {
        for (int layer = 0; layer < Layers.Count; layer++)
        {
            foreach ((TensorRole role, WeightMatrix matrix) in Layers[layer].Matrices)
            {
                yield return (role.Name(layer), matrix);
            }
        }

        if (!IsOutputTied)
        {
            yield return (LlamaTensors.Output.Name(), Output);
        }
    }

    /// <summary>The weights of the norms, with the names of their tensors.</summary>
    public IEnumerable<(string Name, float[] Weights)> NamedNorms()
    {
        for (int layer = 0; layer < Layers.Count; layer++)
        {
            foreach ((TensorRole role, float[] vector) in Layers[layer].Vectors)
            {
                yield return (role.Name(layer), vector);
            }
        }

        yield return (LlamaTensors.OutputNorm.Name(), OutputNorm);
    }

    public void Dispose()
    {
        TokenEmbedding.Dispose();
        foreach (LlamaLayer layer in Layers)
        {
            layer.Dispose();
        }

        Output.Dispose();
        Storage?.Dispose();
    }
}
