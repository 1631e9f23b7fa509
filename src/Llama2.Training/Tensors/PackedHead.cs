using System.Runtime.CompilerServices;
using Llama2.Memory;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tensors;

/// <summary>
/// The rows of one head of a matrix, packed for a product that the same thread computes. Either the rows are the vectors, or each vector has one of
/// the head's elements in all rows. The memory is allocated once, for the longest sample.
/// </summary>
internal sealed class PackedHead : IDisposable
{
    private readonly int _width;
    private readonly AlignedBuffer<float> _values;

    /// <param name="vectorCapacity">The maximum number of vectors.</param>
    /// <param name="lengthCapacity">The maximum number of elements of a vector.</param>
    /// <param name="width">The number of vectors side by side: <see cref="PanelProduct.PanelWidth"/> or <see cref="PanelProduct.TileWidth"/>.</param>
    public PackedHead(int vectorCapacity, int lengthCapacity, int width)
    {
        _width = width;
        _values = new((long)(vectorCapacity + width - 1) / width * width * Factor.PaddedLength(lengthCapacity));
    }

    /// <summary>The number of elements of a packed vector, even.</summary>
    public int Length { get; private set; }

    /// <summary>The number of packed vectors.</summary>
    public int Count { get; private set; }

    /// <summary>A reference to the packed values of a group of vectors, beginning with the element that has the index element.</summary>
    public ref float Group(int group, int element = 0) => ref Unsafe.Add(ref _values.Reference, ((nint)group * Length + element) * _width);

    /// <summary>Packs <paramref name="count"/> rows of <paramref name="length"/> elements each.</summary>
    public void SetRows(ref float source, int stride, int count, int length)
    {
        (Length, Count) = (Factor.PaddedLength(length), count);
        for (int first = 0; first < count; first += _width)
        {
            PanelPacking.PackRows(
                ref Unsafe.Add(ref source, (nint)first * stride), stride, Math.Min(_width, count - first), length, _width,
                _values.Slice((long)first * Length, Length * _width));
        }
    }

    /// <summary>Packs <paramref name="count"/> columns of <paramref name="length"/> elements each.</summary>
    public void SetColumns(ref float source, int stride, int count, int length)
    {
        (Length, Count) = (Factor.PaddedLength(length), count);
        PanelPacking.PackColumns(ref source, stride, count, length, _width, _values.Slice(0, MatrixMultiplier.Groups(count, _width) * _width * Length));
    }

    /// <summary>
    /// Computes the dot products <c>tiles[t] · panels[p]</c>, and writes them to <c>output[t, p]</c> or adds them. Whole panels of 16 columns are
    /// written.
    /// </summary>
    /// <param name="product">The kernel.</param>
    /// <param name="tiles">Vectors that were packed with a width of 8.</param>
    /// <param name="panels">Vectors that were packed with a width of 16.</param>
    /// <param name="panelVectorCount">The number of vectors of the panels that are multiplied, beginning with the first vector.</param>
    /// <param name="output">The position of the first product.</param>
    /// <param name="stride">The distance in floats from one row of products to the next.</param>
    /// <param name="accumulate">Whether to add to the output instead of replacing it.</param>
    public static void Multiply(PanelProduct product, PackedHead tiles, PackedHead panels, int panelVectorCount, ref float output, int stride, bool accumulate)
    {
        for (int row = 0; row < tiles.Count; row += PanelProduct.TileWidth)
        {
            int count = Math.Min(PanelProduct.TileWidth, tiles.Count - row);
            // If the vectors of the panels are longer than those of the tiles, only their first elements are used. The others belong to positions
            // that this block of queries does not attend to.
            int length = Math.Min(tiles.Length, panels.Length);
            for (int column = 0; column < panelVectorCount; column += 2 * PanelProduct.PanelWidth)
            {
                product.Multiply(
                    ref panels.Group(column / PanelProduct.PanelWidth), (nint)panels.Length * PanelProduct.PanelWidth,
                    panelVectorCount - column > PanelProduct.PanelWidth ? 2 : 1, ref tiles.Group(row / PanelProduct.TileWidth), length, count,
                    ref Unsafe.Add(ref output, (nint)row * stride + column), stride, accumulate);
            }
        }
    }

    public void Dispose() => _values.Dispose();
}
