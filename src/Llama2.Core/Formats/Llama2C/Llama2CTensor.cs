using Llama2.Architectures;

namespace Llama2.Formats.Llama2C;

/// <summary>The position of a tensor in a llama2.c checkpoint.</summary>
/// <param name="Role">The role of the tensor; null for the cosines and sines of the rotary embedding, which are not read.</param>
/// <param name="Layer">The layer of the tensor; 0 for a tensor outside the layers.</param>
/// <param name="RowLength">The number of weights in a row.</param>
/// <param name="RowCount">The number of rows; 1 for a vector.</param>
/// <param name="Offset">File offset of the first byte.</param>
/// <param name="GroupLength">
/// The number of weights that share a scale, if the tensor consists of signed bytes followed by their scales as floats. 0 if it consists of floats
/// without scales.
/// </param>
internal readonly record struct Llama2CTensor(TensorRole? Role, int Layer, long RowLength, long RowCount, long Offset, int GroupLength)
{
    /// <summary>The number of weights.</summary>
    public long ElementCount => RowLength * RowCount;

    /// <summary>The size in the file in bytes.</summary>
    public long ByteSize => GroupLength == 0 ? ElementCount * sizeof(float) : ElementCount + (ElementCount / GroupLength * sizeof(float));
}
