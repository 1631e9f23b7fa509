using Llama2.Quantization;

namespace Llama2.Formats.MetaCheckpoint;

/// <summary>A tensor of one shard, of one or two dimensions, with its place in the file; its reader has checked that it lies there.</summary>
/// <param name="Type">Type of the numbers.</param>
/// <param name="DimensionCount">1 or 2.</param>
/// <param name="RowCount">Rows; 1 of a vector.</param>
/// <param name="RowLength">Numbers in a row, which are neighbours in the file.</param>
/// <param name="Offset">File offset of the first row.</param>
/// <param name="RowStride">Bytes from one row to the next: more than a row has where the tensor is a slice of a wider one.</param>
internal sealed record TorchMatrix(GgmlType Type, int DimensionCount, long RowCount, long RowLength, long Offset, long RowStride)
{
    /// <summary>Bytes in a row.</summary>
    public long RowByteSize => GgmlTypes.RowByteSize(Type, RowLength);

    /// <summary>Reads whole rows, one after the other.</summary>
    /// <param name="source">The shard's file.</param>
    /// <param name="firstRow">The first.</param>
    /// <param name="rows">Filled; a whole number of rows.</param>
    public void ReadRows(IByteSource source, long firstRow, Span<byte> rows)
    {
        int rowByteSize = (int)RowByteSize;
        if (RowStride == rowByteSize)
        {
            source.Read(Offset + firstRow * RowStride, rows);
            return;
        }

        for (long row = firstRow; rows.Length > 0; row++)
        {
            source.Read(Offset + row * RowStride, rows[..rowByteSize]);
            rows = rows[rowByteSize..];
        }
    }
}
