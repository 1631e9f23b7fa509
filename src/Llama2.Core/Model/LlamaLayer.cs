using Llama2.Architectures;
using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>The weights of one transformer block.</summary>
internal sealed class LlamaLayer : IDisposable
{
    private readonly LayerParts<float[], WeightMatrix> _parts;

    /// <param name="tensors">The architecture's tensors.</param>
    /// <param name="makeVector">Makes a vector.</param>
    /// <param name="makeMatrix">Makes a matrix, which the layer then owns.</param>
    public LlamaLayer(TensorRoles tensors, Func<TensorRole, float[]> makeVector, Func<TensorRole, WeightMatrix> makeMatrix)
    {
        _parts = new LayerParts<float[], WeightMatrix>(tensors, makeVector, makeMatrix);
        AttentionNorm = Vectors[LlamaTensors.AttentionNorm];
        Query = Matrices[LlamaTensors.Query];
        Key = Matrices[LlamaTensors.Key];
        Value = Matrices[LlamaTensors.Value];
        AttentionOutput = Matrices[LlamaTensors.AttentionOutput];
        FeedForwardNorm = Vectors[LlamaTensors.FeedForwardNorm];
        Gate = Matrices[LlamaTensors.Gate];
        Up = Matrices[LlamaTensors.Up];
        Down = Matrices[LlamaTensors.Down];
    }

    /// <summary>[embedding]: the weights of the norm before attention.</summary>
    public float[] AttentionNorm { get; }

    /// <summary>[embedding, embedding]: the query matrix.</summary>
    public WeightMatrix Query { get; }

    /// <summary>[key and value heads × head, embedding]: the key matrix.</summary>
    public WeightMatrix Key { get; }

    /// <summary>[key and value heads × head, embedding]: the value matrix.</summary>
    public WeightMatrix Value { get; }

    /// <summary>[embedding, embedding]: the output matrix of attention.</summary>
    public WeightMatrix AttentionOutput { get; }

    /// <summary>[embedding]: the weights of the norm before the feed-forward network.</summary>
    public float[] FeedForwardNorm { get; }

    /// <summary>[feed-forward, embedding]: the gate projection.</summary>
    public WeightMatrix Gate { get; }

    /// <summary>[feed-forward, embedding]: the up projection.</summary>
    public WeightMatrix Up { get; }

    /// <summary>[embedding, feed-forward]: the down projection.</summary>
    public WeightMatrix Down { get; }

    /// <summary>All vectors, in the order of the table of tensors.</summary>
    public IReadOnlyDictionary<TensorRole, float[]> Vectors => _parts.Vectors;

    /// <summary>All matrices, in the order of the table of tensors.</summary>
    public IReadOnlyDictionary<TensorRole, WeightMatrix> Matrices => _parts.Matrices;

    /// <summary>The size of the weights in memory, in bytes.</summary>
    public long ByteSize => Matrices.Values.Sum(matrix => matrix.ByteSize) + sizeof(float) * Vectors.Values.Sum(vector => (long)vector.Length);

    public void Dispose()
    {
        foreach (WeightMatrix matrix in Matrices.Values)
        {
            matrix.Dispose();
        }
    }
}
