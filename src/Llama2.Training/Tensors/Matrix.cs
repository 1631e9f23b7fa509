using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Llama2.Tensors;

namespace Llama2.Training.Tensors;

/// <summary>
/// A matrix of float32 numbers in native memory, initially zero. Rows are padded to whole panels of 16 columns. Kernels write to the padding, but no
/// computation uses its values.
/// </summary>
internal sealed class Matrix : IDisposable
{
    private readonly Activations _values;

    /// <param name="rowCount">The number of rows, or the maximum number of rows of a batch.</param>
    /// <param name="columnCount">The number of columns.</param>
    public Matrix(int rowCount, int columnCount)
    {
        RowCount = rowCount;
        ColumnCount = columnCount;
        _values = new(rowCount, columnCount);
        Rows = new RowsFactor(this);
        Columns = new ColumnsFactor(this);
    }

    public int RowCount { get; }

    public int ColumnCount { get; }

    /// <summary>The distance in floats from one row to the next; a multiple of 16.</summary>
    public int Stride => _values.Stride;

    /// <summary>The number of elements without padding.</summary>
    public long Length => (long)RowCount * ColumnCount;

    /// <summary>This matrix as a factor of a product: its vectors are the rows.</summary>
    public Factor Rows { get; }

    /// <summary>This matrix as a factor of a product: its vectors are the columns.</summary>
    public Factor Columns { get; }

    /// <summary>The same numbers in the type that the kernels of frozen weights read and write.</summary>
    public Activations Activations => _values;

    /// <summary>A row, without its padding.</summary>
    public Span<float> this[int row] => _values[row];

    /// <summary>A row as bytes, without its padding.</summary>
    public Span<byte> RowBytes(int row) => MemoryMarshal.AsBytes(_values[row]);

    /// <summary>A reference to an element, for kernels that check the bounds once for a whole matrix.</summary>
    public ref float At(int row, int column) => ref MemoryMarshal.GetReference(_values[row][column..]);

    /// <summary>A reference to the first element, for kernels that check the bounds once for a whole matrix.</summary>
    public ref float Reference => ref MemoryMarshal.GetReference(_values.Panel(0, 0));

    /// <summary>The number of elements with padding.</summary>
    public long PaddedLength => (long)RowCount * Stride;

    /// <summary>
    /// A part of the memory, in which all rows follow each other with their padding; the bounds are checked. The padding is 0 if only products wrote
    /// to the matrix.
    /// </summary>
    public Span<float> Slice(long start, int length)
        => (ulong)start <= (ulong)PaddedLength && (uint)length <= (ulong)(PaddedLength - start)
            ? MemoryMarshal.CreateSpan(ref Unsafe.Add(ref Reference, (nint)start), length)
            : throw new ArgumentOutOfRangeException(nameof(start), $"[{start}, +{length}) does not lie in a matrix of {PaddedLength} numbers.");

    /// <summary>The size of a matrix of this shape in bytes, including padding.</summary>
    public static long ByteSizeFor(long rowCount, long columnCount) => rowCount * ((columnCount + 15) / 16 * 16) * sizeof(float);

    /// <summary>Sets the first rows to zero.</summary>
    public void Clear(int rowCount)
    {
        for (int row = 0; row < rowCount; row++)
        {
            this[row].Clear();
        }
    }

    public void Dispose() => _values.Dispose();
}
