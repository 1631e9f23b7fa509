using System.Buffers;
using Llama2.Quantization;

namespace Llama2.Formats.PyTorch;

/// <summary>
/// A tensor of one or two dimensions, with its position in a file; the code that created this object has checked that the tensor is within the file.
/// </summary>
/// <param name="Type">The type of the numbers.</param>
/// <param name="DimensionCount">1 or 2.</param>
/// <param name="RowCount">The number of rows; 1 for a vector.</param>
/// <param name="RowLength">The number of elements in a row.</param>
/// <param name="Offset">File offset of the first number.</param>
/// <param name="RowStride">
/// The distance in bytes from one row to the next: more than the size of a row if the tensor is a slice of a wider tensor, less if it is transposed.
/// </param>
/// <param name="ColumnStride">The distance in bytes from one number of a row to the next.</param>
/// <param name="EntryOffset">The file offset of the tensor's description, for error messages.</param>
internal sealed record TorchMatrix(GgmlType Type, int DimensionCount, long RowCount, long RowLength, long Offset, long RowStride, long ColumnStride, long EntryOffset)
{
    // The number of bytes that are read at once if the numbers of a row are not neighbours in the file.
    private const int WindowByteSize = 64 * 1024;

    /// <summary>The size of a row in bytes, without gaps between its numbers.</summary>
    public long RowByteSize => GgmlTypes.RowByteSize(Type, RowLength);

    /// <summary>Whether the whole tensor is contiguous in the file, in the order of its rows.</summary>
    public bool IsContiguous => ColumnStride == ElementByteSize && RowStride == RowByteSize;

    private int ElementByteSize => GgmlTypes.BlockByteSize(Type);

    /// <summary>Reads whole rows, one after the other.</summary>
    /// <param name="source">The tensor's file.</param>
    /// <param name="firstRow">The index of the first row.</param>
    /// <param name="rows">Receives a whole number of rows.</param>
    public void ReadRows(IByteSource source, long firstRow, Span<byte> rows)
    {
        int rowByteSize = (int)RowByteSize, elementByteSize = ElementByteSize, count = rows.Length / rowByteSize;
        long start = Offset + firstRow * RowStride;
        if (IsContiguous)
        {
            source.Read(start, rows);
        }
        else if (RowStride < ColumnStride)
        {
            // The tensor is transposed: the numbers of a column are close together in the file, so it is read column by column.
            for (int column = 0; column < RowLength; column++)
                Pick(source, start + column * ColumnStride, RowStride, count, rows[(column * elementByteSize)..], rowByteSize);
        }
        else
        {
            for (int row = 0; row < count; row++)
                Pick(source, start + row * RowStride, ColumnStride, (int)RowLength, rows.Slice(row * rowByteSize, rowByteSize), elementByteSize);
        }
    }

    // Copies numbers that are stride bytes apart in the file to places in memory that are destinationStride bytes apart.
    private void Pick(IByteSource source, long offset, long stride, int count, Span<byte> destination, int destinationStride)
    {
        int elementByteSize = ElementByteSize;
        if (stride == elementByteSize && destinationStride == elementByteSize)
        {
            source.Read(offset, destination[..(count * elementByteSize)]);
            return;
        }

        int perWindow = (int)Math.Clamp((WindowByteSize - elementByteSize) / stride + 1, 1, count);
        byte[] window = ArrayPool<byte>.Shared.Rent((int)((perWindow - 1) * stride) + elementByteSize);
        for (int first = 0; first < count; first += perWindow)
        {
            int length = Math.Min(perWindow, count - first);
            source.Read(offset + first * stride, window.AsSpan(0, (int)((length - 1) * stride) + elementByteSize));
            for (int i = 0; i < length; i++)
                window.AsSpan((int)(i * stride), elementByteSize).CopyTo(destination[((first + i) * destinationStride)..]);
        }

        ArrayPool<byte>.Shared.Return(window);
    }
}
