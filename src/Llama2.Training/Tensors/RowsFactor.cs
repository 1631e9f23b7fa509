using System.Runtime.CompilerServices;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tensors;

/// <summary>The factor whose vectors are the rows of a matrix.</summary>
internal sealed class RowsFactor(Matrix matrix) : Factor
{
    public override int Alignment => 1;

    public override void Pack(int start, int count, int width, int element, int length, Span<float> packed, Span<float> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, matrix.RowCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(element + length, matrix.ColumnCount);
        int groupLength = PaddedLength(length) * width;
        for (int first = 0; first < count; first += width)
        {
            PanelPacking.PackRows(
                ref Unsafe.Add(ref matrix.Reference, (nint)(start + first) * matrix.Stride + element), matrix.Stride, Math.Min(width, count - first), length, width,
                packed.Slice(first / width * groupLength, groupLength));
        }
    }
}
