using System.Numerics.Tensors;

namespace Llama2.Tensors;

/// <summary>
/// A change of a weight matrix by a whole matrix D, the difference between the weights that replace the model's and the model's own. Rows of
/// activations are scaled and multiplied by D, so that rows of a batch with different adapters, or none, still share the product with the model's weights.
/// Immutable once filled.
/// </summary>
/// <param name="difference">The matrix D, [rows, columns], unquantized.</param>
internal sealed class MatrixDifference(WeightMatrix difference) : MatrixChange
{
    public override int InnerLength => difference.ColumnCount;

    public override long ByteSize => difference.ByteSize;

    // The intermediate form is the scaled input.
    public override void Reduce(int startPanel, int endPanel, Activations input, AdaptedRun run, Activations reduced)
    {
        for (int panel = startPanel; panel < endPanel; panel++)
        {
            int column = panel * WeightMatrix.PanelRowCount, length = Math.Min(WeightMatrix.PanelRowCount, InnerLength - column);
            for (int token = run.Start; token < run.End; token++)
            {
                Span<float> values = reduced.Panel(token, panel)[..length];
                TensorPrimitives.Multiply(input[token].Slice(column, length), run.Scale, values);
                reduced.Tiled.Set(token, column, values);
            }
        }
    }

    public override void Expand(int startPanel, int endPanel, Activations reduced, AdaptedRun run, Activations output, Activations? product)
        => difference.Multiply(startPanel, endPanel, reduced, run.Start, run.End, output, accumulate: true);

    public override void Dispose() => difference.Dispose();
}
