using System.Runtime.InteropServices;
using Llama2.Memory;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Kernels;

namespace Llama2.Training.Tensors;

/// <summary>The columns of packed weights: panels of 16 rows are decoded one by one and transposed, 16 × 16 at a time.</summary>
internal sealed class FrozenColumnsFactor(WeightMatrix weights) : Factor
{
    public override void Pack(WorkerPool pool, int start, int count, int width, int length, AlignedBuffer<float> packed, AlignedBuffer<float> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(width, WeightMatrix.PanelRowCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(length, weights.RowCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, weights.ColumnCount);
        pool.Run(new TransposePanels(weights, start, count, packed, scratch), weights.PanelCount);
    }

    private readonly record struct TransposePanels(WeightMatrix Weights, int Start, int Count, AlignedBuffer<float> Packed, AlignedBuffer<float> Scratch) : IParallelWork
    {
        private const int Width = WeightMatrix.PanelRowCount;

        public void Run(int start, int end, int worker)
        {
            Span<float> decoded = Scratch.Slice((long)worker * MatrixMultiplier.ScratchLength, Count * Width);
            for (int panel = start; panel < end; panel++)
            {
                Weights.Decode(panel, Start, Count, decoded);
                // A vector's elements are the weights' rows: the rows of this panel go to the same place of each group.
                int row = panel * Width, rowCount = Math.Min(Width, PaddedLength(Weights.RowCount) - row);
                for (int column = 0; column < Count; column += Width)
                {
                    Span<float> destination = Packed.Slice(((long)column / Width * PaddedLength(Weights.RowCount) + row) * Width, rowCount * Width);
                    PanelPacking.PackRows(
                        ref MemoryMarshal.GetReference(decoded[(column * Width)..]), Width, Math.Min(Width, Count - column), rowCount, Width, destination);
                }
            }
        }
    }
}
