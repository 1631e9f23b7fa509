using System.Runtime.CompilerServices;
using Llama2.Memory;
using Llama2.Threading;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tensors;

/// <summary>The rows of a matrix.</summary>
internal sealed class RowsFactor(Matrix matrix) : Factor
{
    public override void Pack(WorkerPool pool, int start, int count, int width, int length, AlignedBuffer<float> packed, AlignedBuffer<float> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, matrix.RowCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, matrix.ColumnCount);
        pool.Run(new PackGroups(matrix, start, count, width, length, packed), (count + width - 1) / width);
    }

    private readonly record struct PackGroups(Matrix Matrix, int Start, int Count, int Width, int Length, AlignedBuffer<float> Packed) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int group = start; group < end; group++)
            {
                int first = group * Width, groupLength = PaddedLength(Length) * Width;
                PanelPacking.PackRows(
                    ref Unsafe.Add(ref Matrix.Reference, (nint)(Start + first) * Matrix.Stride), Matrix.Stride, Math.Min(Width, Count - first), Length, Width,
                    Packed.Slice((long)group * groupLength, groupLength));
            }
        }
    }
}
