using System.Numerics.Tensors;
using Llama2.Memory;

namespace Llama2.Tensors;

/// <summary>
/// A change of the token embeddings by a whole table: the differences between the embeddings that replace the model's and the model's own. Immutable
/// once filled.
/// </summary>
/// <param name="vocabularySize">The number of tokens.</param>
/// <param name="width">The length of an embedding.</param>
internal sealed class EmbeddingDifference(int vocabularySize, int width) : EmbeddingChange
{
    private readonly AlignedBuffer<float> _rows = new((long)vocabularySize * width);

    public override long ByteSize => _rows.ByteSize;

    /// <summary>The change of one token's embedding, to be filled.</summary>
    public Span<float> this[int token] => _rows.Slice((long)token * width, width);

    // The multiply-add is fused on every processor, so that all processors compute the same bits.
    public override void AddTo(Span<float> embedding, int token, float scale) => TensorPrimitives.FusedMultiplyAdd(this[token], scale, embedding, embedding);

    public override void Dispose() => _rows.Dispose();
}
