using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>The weights of one transformer block.</summary>
internal sealed class LlamaLayer : IDisposable
{
    /// <summary>[embedding]</summary>
    public required float[] AttentionNorm { get; init; }

    /// <summary>[embedding, embedding]</summary>
    public required WeightMatrix Query { get; init; }

    /// <summary>[key and value heads × head, embedding]</summary>
    public required WeightMatrix Key { get; init; }

    /// <summary>[key and value heads × head, embedding]</summary>
    public required WeightMatrix Value { get; init; }

    /// <summary>[embedding, embedding]</summary>
    public required WeightMatrix AttentionOutput { get; init; }

    /// <summary>[embedding]</summary>
    public required float[] FeedForwardNorm { get; init; }

    /// <summary>[feed-forward, embedding]</summary>
    public required WeightMatrix Gate { get; init; }

    /// <summary>[feed-forward, embedding]</summary>
    public required WeightMatrix Up { get; init; }

    /// <summary>[embedding, feed-forward]</summary>
    public required WeightMatrix Down { get; init; }

    /// <summary>Bytes of memory that the weights take.</summary>
    public long ByteSize
        => Query.ByteSize + Key.ByteSize + Value.ByteSize + AttentionOutput.ByteSize + Gate.ByteSize + Up.ByteSize + Down.ByteSize
            + sizeof(float) * ((long)AttentionNorm.Length + FeedForwardNorm.Length);

    public void Dispose()
    {
        Query.Dispose();
        Key.Dispose();
        Value.Dispose();
        AttentionOutput.Dispose();
        Gate.Dispose();
        Up.Dispose();
        Down.Dispose();
    }
}
