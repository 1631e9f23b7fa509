using System.Numerics.Tensors;

namespace Llama2.Tensors;

/// <summary>
/// A change of a weight matrix by a product of two narrow matrices, scale · B · A (LoRA, Hu et al. 2021, arXiv 2106.09685). The product is never
/// computed: rows of activations are multiplied by A, which gives a few numbers, and then by B. Immutable once filled.
/// </summary>
/// <param name="a">The matrix A, [rank, columns], unquantized.</param>
/// <param name="b">The matrix B, [rows, rank], unquantized.</param>
/// <param name="scale">alpha / rank, or another function of alpha and rank if the kind of file defines one.</param>
internal sealed class LowRankMatrix(WeightMatrix a, WeightMatrix b, float scale) : MatrixChange
{
    /// <summary>The rank: the number of rows of A and of columns of B.</summary>
    public override int InnerLength => a.RowCount;

    public override long ByteSize => a.ByteSize + b.ByteSize;

    // The intermediate form is scale · A · x.
    public override void Reduce(int startPanel, int endPanel, Activations input, AdaptedRun run, Activations reduced)
    {
        a.Multiply(startPanel, endPanel, input, run.Start, run.End, reduced, accumulate: false);
        for (int panel = startPanel; panel < endPanel; panel++)
        {
            int column = panel * WeightMatrix.PanelRowCount;
            for (int token = run.Start; token < run.End; token++)
            {
                Span<float> values = reduced.Panel(token, panel);
                TensorPrimitives.Multiply(values, scale * run.Scale, values);
                reduced.Tiled.Set(token, column, values[..Math.Min(values.Length, InnerLength - column)]);
            }
        }
    }

    public override void Expand(int startPanel, int endPanel, Activations reduced, AdaptedRun run, Activations output, Activations? product)
        => b.Multiply(startPanel, endPanel, reduced, run.Start, run.End, output, accumulate: true);

    public override void Dispose()
    {
        a.Dispose();
        b.Dispose();
    }
}
