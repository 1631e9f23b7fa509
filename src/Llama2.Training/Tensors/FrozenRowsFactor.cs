using Llama2.Tensors;

namespace Llama2.Training.Tensors;

/// <summary>The factor whose vectors are the rows of packed weights. A decoded panel already has the layout that the kernel reads.</summary>
internal sealed class FrozenRowsFactor(WeightMatrix weights) : Factor
{
    public override int Alignment => WeightMatrix.PanelRowCount;

    public override void Pack(int start, int count, int width, int element, int length, Span<float> packed, Span<float> scratch)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(width, WeightMatrix.PanelRowCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, weights.RowCount);
        int decodedLength = length * width, groupLength = PaddedLength(length) * width;
        for (int first = 0; first < count; first += width)
        {
            Span<float> group = packed.Slice(first / width * groupLength, groupLength);
            weights.Decode((start + first) / width, element, length, group);
            group[decodedLength..].Clear();
        }
    }
}
