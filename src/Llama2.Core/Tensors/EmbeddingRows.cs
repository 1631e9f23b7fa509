using System.Numerics.Tensors;

namespace Llama2.Tensors;

/// <summary>A change of some tokens' embeddings: the differences between the embeddings that replace the model's and the model's own. Immutable once filled.</summary>
internal sealed class EmbeddingRows : EmbeddingChange
{
    private readonly Dictionary<int, float[]> _rows = [];

    public override long ByteSize => _rows.Values.Sum(row => (long)row.Length * sizeof(float));

    /// <summary>Adds the change of one token's embedding; the array is copied.</summary>
    public void Add(int token, float[] difference) => _rows.Add(token, [.. difference]);

    // The multiply-add is fused on every processor, so that all processors compute the same bits.
    public override void AddTo(Span<float> embedding, int token, float scale)
    {
        if (_rows.TryGetValue(token, out float[]? difference))
        {
            TensorPrimitives.FusedMultiplyAdd(difference, scale, embedding, embedding);
        }
    }

    public override void Dispose()
    {
    }
}
