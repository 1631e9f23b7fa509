using System.Numerics.Tensors;
using Llama2.Memory;

namespace Llama2.Tensors;

/// <summary>A change of the token embeddings by a product of two narrow matrices: of A one row is read, of B all. Immutable once filled.</summary>
internal sealed class LowRankEmbedding : IDisposable
{
    private readonly AlignedBuffer<float> _a;
    private readonly AlignedBuffer<float> _b;
    private readonly int _rank;
    private readonly int _width;
    private readonly float _scale;

    /// <param name="vocabularySize">Rows of A.</param>
    /// <param name="rank">Columns of A, rows of B.</param>
    /// <param name="width">Columns of B: the length of an embedding.</param>
    /// <param name="scale">alpha / rank, or what else the file's kind makes of them.</param>
    public LowRankEmbedding(int vocabularySize, int rank, int width, float scale)
    {
        _rank = rank;
        _width = width;
        _scale = scale;
        _a = new((long)vocabularySize * rank);
        _b = new((long)rank * width);
    }

    /// <summary>Bytes of memory that both take.</summary>
    public long ByteSize => _a.ByteSize + _b.ByteSize;

    /// <summary>The numbers of one token, to be filled.</summary>
    public Span<float> A(int token) => _a.Slice((long)token * _rank, _rank);

    /// <summary>What one of these numbers adds to an embedding, to be filled.</summary>
    public Span<float> B(int index) => _b.Slice((long)index * _width, _width);

    /// <summary>Adds a token's change to its embedding.</summary>
    public void AddTo(Span<float> embedding, int token, float scale)
    {
        ReadOnlySpan<float> factors = A(token);
        for (int i = 0; i < factors.Length; i++)
        {
            // Fused on every processor, so that all give the same bits.
            TensorPrimitives.FusedMultiplyAdd(B(i), _scale * scale * factors[i], embedding, embedding);
        }
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }
}
