using System.Buffers;

namespace Llama2.Formats.PyTorch;

/// <summary>A whole tensor whose parts are in several shards. The parts are combined when they are read, and the result is not kept. Thread-safe.</summary>
/// <param name="description">The description of the whole tensor.</param>
/// <param name="parts">The parts with their files, in the order of the shards; all parts have the same type of numbers.</param>
/// <param name="isSplitByColumns">True if each part contains some of the columns; false if each part contains some of the rows.</param>
internal sealed class MergedTensor(TensorDescription description, (IByteSource Source, TorchMatrix Matrix)[] parts, bool isSplitByColumns) : ITensorSource
{
    // Each read takes as many rows of a part as fit in this number of bytes.
    private const int ScratchByteSize = 256 * 1024;

    public TensorDescription Description => description;

    /// <summary>
    /// Reads bytes of the merged tensor, starting at an offset; the caller must have checked that the range is within the tensor.
    /// </summary>
    public void Read(long byteOffset, Span<byte> destination)
    {
        long start = 0;
        foreach ((IByteSource source, TorchMatrix matrix) in parts)
        {
            // If the tensor is split by columns, the start of a part is its position in each row. If the tensor is split by rows, the start is the part's
            // position in the whole tensor.
            Copy(source, matrix, start, isSplitByColumns ? description.RowByteSize : matrix.RowByteSize, byteOffset, destination);
            start += isSplitByColumns ? matrix.RowByteSize : matrix.RowByteSize * matrix.RowCount;
        }
    }

    // In the whole tensor, row r of the part begins at byte start + r · pitch. The destination is the range of the whole tensor that begins at
    // byteOffset; the bytes of the part's rows that are within this range are copied.
    private static void Copy(IByteSource source, TorchMatrix matrix, long start, long pitch, long byteOffset, Span<byte> destination)
    {
        long size = matrix.RowByteSize, end = byteOffset + destination.Length;
        if (pitch == size && matrix.IsContiguous)
        {
            long from = Math.Max(start, byteOffset), to = Math.Min(start + size * matrix.RowCount, end);
            if (from < to)
                source.Read(matrix.Offset + from - start, destination[(int)(from - byteOffset)..(int)(to - byteOffset)]);
            return;
        }

        long before = byteOffset - start - size, row = before < 0 ? 0 : before / pitch + 1;
        long endRow = Math.Min(matrix.RowCount, (end - start + pitch - 1) / pitch);
        if (row >= endRow)
            return;

        int capacity = (int)Math.Clamp(ScratchByteSize / size, 1, endRow - row);
        byte[] scratch = ArrayPool<byte>.Shared.Rent(checked((int)(capacity * size)));
        while (row < endRow)
        {
            int count = (int)Math.Min(capacity, endRow - row);
            Span<byte> rows = scratch.AsSpan(0, (int)(count * size));
            matrix.ReadRows(source, row, rows);
            for (int i = 0; i < count; i++, row++)
            {
                long first = start + row * pitch, from = Math.Max(first, byteOffset), to = Math.Min(first + size, end);
                if (from < to)
                    rows.Slice((int)(i * size + from - first), (int)(to - from)).CopyTo(destination[(int)(from - byteOffset)..]);
            }
        }

        ArrayPool<byte>.Shared.Return(scratch);
    }
}
