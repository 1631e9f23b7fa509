using System.Runtime.InteropServices;
using Llama2.Tensors;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tensors;

/// <summary>
/// The factor whose vectors are the columns of packed weights. Panels of 16 rows are decoded one by one and transposed, 16 × 16 weights at a time.
/// </summary>
internal sealed class FrozenColumnsFactor(WeightMatrix weights) : Factor
{
    private const int Width = WeightMatrix.PanelRowCount;

    /// <summary>The number of columns in the largest block of any weight format.</summary>
    public override int Alignment => MatrixMultiplier.PanelBlock;

    public override void Pack(int start, int count, int width, int element, int length, Span<float> packed, Span<float> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(width, Width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, weights.ColumnCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(element + length, weights.RowCount);
        int groupLength = PaddedLength(length) * Width;
        Span<float> decoded = scratch[..(count * Width)];
        // A vector is a column of the weights, so each row of the weights gives one element of every vector. The 16 rows of a panel give the same 16
        // elements in every group of vectors.
        for (int row = 0; row < length; row += Width)
        {
            weights.Decode((element + row) / Width, start, count, decoded);
            int rowCount = Math.Min(Width, PaddedLength(length) - row);
            for (int column = 0; column < count; column += Width)
            {
                PanelPacking.PackRows(
                    ref MemoryMarshal.GetReference(decoded[(column * Width)..]), Width, Math.Min(Width, count - column), rowCount, Width,
                    packed.Slice(column / Width * groupLength + row * Width, rowCount * Width));
            }
        }
    }
}
