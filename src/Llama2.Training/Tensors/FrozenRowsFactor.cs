using Llama2.Memory;
using Llama2.Tensors;
using Llama2.Threading;

namespace Llama2.Training.Tensors;

/// <summary>The rows of packed weights: a decoded panel is what the kernel reads.</summary>
internal sealed class FrozenRowsFactor(WeightMatrix weights) : Factor
{
    public override void Pack(WorkerPool pool, int start, int count, int width, int length, AlignedBuffer<float> packed, AlignedBuffer<float> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(width, WeightMatrix.PanelRowCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(length, weights.ColumnCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, weights.RowCount);
        pool.Run(new DecodePanels(weights, start / width, packed), (count + width - 1) / width);
    }

    private readonly record struct DecodePanels(WeightMatrix Weights, int FirstPanel, AlignedBuffer<float> Packed) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            int length = Weights.ColumnCount * WeightMatrix.PanelRowCount, paddedLength = PaddedLength(Weights.ColumnCount) * WeightMatrix.PanelRowCount;
            for (int panel = start; panel < end; panel++)
            {
                Span<float> packed = Packed.Slice((long)panel * paddedLength, paddedLength);
                Weights.Decode(FirstPanel + panel, 0, Weights.ColumnCount, packed);
                packed[length..].Clear();
            }
        }
    }
}
