using System.Runtime.CompilerServices;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tensors;

/// <summary>The factor whose vectors are the columns of a matrix.</summary>
internal sealed class ColumnsFactor(Matrix matrix) : Factor
{
    public override int Alignment => 1;

    public override void Pack(int start, int count, int width, int element, int length, Span<float> packed, Span<float> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, matrix.ColumnCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(element + length, matrix.RowCount);
        PanelPacking.PackColumns(ref Unsafe.Add(ref matrix.Reference, (nint)element * matrix.Stride + start), matrix.Stride, count, length, width, packed);
    }
}
