using Llama2.Architectures;
using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>The weights of one transformer block.</summary>
internal sealed class LlamaLayer : IDisposable
{
    private readonly OrderedDictionary<TensorRole, float[]> _vectors = [];
    private readonly OrderedDictionary<TensorRole, WeightMatrix> _matrices = [];

    /// <param name="makeVector">Makes a vector.</param>
    /// <param name="makeMatrix">Makes a matrix, which the layer then owns.</param>
    public LlamaLayer(Func<TensorRole, float[]> makeVector, Func<TensorRole, WeightMatrix> makeMatrix)
    {
        foreach (TensorRole role in LlamaTensors.All.OfLayer)
        {
            if (role.IsVector)
            {
                _vectors.Add(role, makeVector(role));
            }
            else
            {
                _matrices.Add(role, makeMatrix(role));
            }
        }

        AttentionNorm = _vectors[LlamaTensors.AttentionNorm];
        Query = _matrices[LlamaTensors.Query];
        Key = _matrices[LlamaTensors.Key];
        Value = _matrices[LlamaTensors.Value];
        AttentionOutput = _matrices[LlamaTensors.AttentionOutput];
        FeedForwardNorm = _vectors[LlamaTensors.FeedForwardNorm];
        Gate = _matrices[LlamaTensors.Gate];
        Up = _matrices[LlamaTensors.Up];
        Down = _matrices[LlamaTensors.Down];
    }

    /// <summary>[embedding]</summary>
    public float[] AttentionNorm { get; }

    /// <summary>[embedding, embedding]</summary>
    public WeightMatrix Query { get; }

    /// <summary>[key and value heads × head, embedding]</summary>
    public WeightMatrix Key { get; }

    /// <summary>[key and value heads × head, embedding]</summary>
    public WeightMatrix Value { get; }

    /// <summary>[embedding, embedding]</summary>
    public WeightMatrix AttentionOutput { get; }

    /// <summary>[embedding]</summary>
    public float[] FeedForwardNorm { get; }

    /// <summary>[feed-forward, embedding]</summary>
    public WeightMatrix Gate { get; }

    /// <summary>[feed-forward, embedding]</summary>
    public WeightMatrix Up { get; }

    /// <summary>[embedding, feed-forward]</summary>
    public WeightMatrix Down { get; }

    /// <summary>All vectors, in the order of the table of tensors.</summary>
    public IReadOnlyDictionary<TensorRole, float[]> Vectors => _vectors;

    /// <summary>All matrices, in the order of the table of tensors.</summary>
    public IReadOnlyDictionary<TensorRole, WeightMatrix> Matrices => _matrices;

    /// <summary>The size of the weights in memory, in bytes.</summary>
    public long ByteSize => _matrices.Values.Sum(matrix => matrix.ByteSize) + sizeof(float) * _vectors.Values.Sum(vector => (long)vector.Length);

    public void Dispose()
    {
        foreach (WeightMatrix matrix in _matrices.Values)
        {
            matrix.Dispose();
        }
    }
}
