using Llama2.Formats;

namespace Llama2.Conversion;

/// <summary>
/// A matrix whose rows are read in an order other than the stored order. Each row is read when it is requested, so nothing is kept in
/// memory.
/// </summary>
/// <param name="tensor">The matrix as it is stored.</param>
/// <param name="storedRow">Maps the index of a row in the order of reading to the index of this row in the stored matrix.</param>
internal sealed class ReorderedTensor(ITensorSource tensor, Func<long, long> storedRow) : ITensorSource
{
    public TensorDescription Description => tensor.Description;

    public void Read(long byteOffset, Span<byte> destination)
    {
        long rowByteSize = Description.RowByteSize;
        while (destination.Length > 0)
        {
            (long row, long skipped) = Math.DivRem(byteOffset, rowByteSize);
            int count = (int)Math.Min(rowByteSize - skipped, destination.Length);
            tensor.Read((storedRow(row) * rowByteSize) + skipped, destination[..count]);
            destination = destination[count..];
            byteOffset += count;
        }
    }
}
