using System.Numerics.Tensors;

namespace Llama2.Tensors;

/// <summary>
/// A change of some rows of a weight matrix: the differences between the rows that replace the model's and the model's own. Immutable once filled.
/// </summary>
/// <param name="differences">The differences, [changed rows, columns], unquantized.</param>
/// <param name="rows">The index of each changed row, ascending.</param>
internal sealed class MatrixRows(WeightMatrix differences, int[] rows) : MatrixChange
{
    public override int InnerLength => differences.RowCount;

    public override long ByteSize => differences.ByteSize + sizeof(int) * (long)rows.Length;

    // The intermediate form is the scaled product with the differences.
    public override void Reduce(int startPanel, int endPanel, Activations input, AdaptedRun run, Activations reduced)
    {
        differences.Multiply(startPanel, endPanel, input, run.Start, run.End, reduced, accumulate: false);
        for (int panel = startPanel; panel < endPanel; panel++)
        {
            for (int token = run.Start; token < run.End; token++)
            {
                Span<float> values = reduced.Panel(token, panel);
                TensorPrimitives.Multiply(values, run.Scale, values);
            }
        }
    }

    public override void Expand(int startPanel, int endPanel, Activations reduced, AdaptedRun run, Activations output, Activations? product)
    {
        int index = Array.BinarySearch(rows, startPanel * WeightMatrix.PanelRowCount);
        for (index = index < 0 ? ~index : index; index < rows.Length && rows[index] < endPanel * WeightMatrix.PanelRowCount; index++)
        {
            for (int token = run.Start; token < run.End; token++)
            {
                output[token][rows[index]] += reduced[token][index];
            }
        }
    }

    public override void Dispose() => differences.Dispose();
}
