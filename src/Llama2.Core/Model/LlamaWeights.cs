using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>All weights of a model. Immutable once loaded.</summary>
internal sealed class LlamaWeights : IDisposable
{
    /// <summary>[vocabulary, embedding]</summary>
    public required EmbeddingTable TokenEmbedding { get; init; }

    /// <summary>In the order that the residual stream passes them.</summary>
    public required IReadOnlyList<LlamaLayer> Layers { get; init; }

    /// <summary>[embedding]</summary>
    public required float[] OutputNorm { get; init; }

    /// <summary>[vocabulary, embedding]; made of the token embedding where the model ties the two.</summary>
    public required WeightMatrix Output { get; init; }

    /// <summary>[head / 2]: each pair's rotary frequency is divided by its factor; null where the model has none.</summary>
    public float[]? RopeFrequencyFactors { get; init; }

    /// <summary>Bytes that a pass of one token reads: all but the other tokens' embeddings.</summary>
    public long DecodeByteSize => TokenEmbedding.RowByteSize + Layers.Sum(layer => layer.ByteSize) + sizeof(float) * OutputNorm.Length + Output.ByteSize;

    public void Dispose()
    {
        TokenEmbedding.Dispose();
        foreach (LlamaLayer layer in Layers)
        {
            layer.Dispose();
        }

        Output.Dispose();
    }
}
