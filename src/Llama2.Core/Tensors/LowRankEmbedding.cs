using System.Numerics.Tensors;
using Llama2.Memory;

namespace Llama2.Tensors;

/// <summary>
/// A change of the token embeddings by a product of two narrow matrices A and B. To change the embedding of a token, one row of A and all rows of B
/// are read. Immutable once filled.
/// </summary>
internal sealed class LowRankEmbedding : EmbeddingChange
{
    private readonly AlignedBuffer<float> _a;
    private readonly AlignedBuffer<float> _b;
    private readonly int _rank;
    private readonly int _width;
    private readonly float _scale;

    /// <param name="vocabularySize">The number of rows of A.</param>
    /// <param name="rank">The number of columns of A and rows of B.</param>
    /// <param name="width">The number of columns of B: the length of an embedding.</param>
    /// <param name="scale">alpha / rank, or another function of alpha and rank if the kind of file defines one.</param>
    public LowRankEmbedding(int vocabularySize, int rank, int width, float scale)
    {
        _rank = rank;
        _width = width;
        _scale = scale;
        _a = new((long)vocabularySize * rank);
        _b = new((long)rank * width);
    }

    public override long ByteSize => _a.ByteSize + _b.ByteSize;

    /// <summary>The row of A for one token, to be filled.</summary>
    public Span<float> A(int token) => _a.Slice((long)token * _rank, _rank);

    /// <summary>The row of B at an index, to be filled. It is multiplied by the number at the same index in a token's row of A.</summary>
    public Span<float> B(int index) => _b.Slice((long)index * _width, _width);

    public override void AddTo(Span<float> embedding, int token, float scale)
    {
        ReadOnlySpan<float> factors = A(token);
        for (int i = 0; i < factors.Length; i++)
        {
            // The multiply-add is fused on every processor, so that all processors compute the same bits.
            TensorPrimitives.FusedMultiplyAdd(B(i), _scale * scale * factors[i], embedding, embedding);
        }
    }

    public override void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }
}
