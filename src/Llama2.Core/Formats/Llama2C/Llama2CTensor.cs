using Llama2.Architectures;

namespace Llama2.Formats.Llama2C;

/// <summary>Where a tensor of a llama2.c checkpoint lies.</summary>
/// <param name="Role">Which it is; null for the cosines and sines of the rotary embedding, which are not read.</param>
/// <param name="Layer">The layer that it is of; 0 where it is of none.</param>
/// <param name="RowLength">Weights in a row.</param>
/// <param name="RowCount">Rows; 1 for a vector.</param>
/// <param name="Offset">File offset of the first byte.</param>
/// <param name="GroupLength">Weights that share a scale: signed bytes first, then their scales as floats. 0 for plain floats.</param>
internal readonly record struct Llama2CTensor(TensorRole? Role, int Layer, long RowLength, long RowCount, long Offset, int GroupLength)
{
    /// <summary>Weights.</summary>
    public long ElementCount => RowLength * RowCount;

    /// <summary>Bytes in the file.</summary>
    public long ByteSize => GroupLength == 0 ? ElementCount * sizeof(float) : ElementCount + (ElementCount / GroupLength * sizeof(float));
}
