using System.Numerics.Tensors;

namespace Llama2.Tensors;

/// <summary>
/// A change of a weight matrix by a product of two narrow ones, scale · B · A (LoRA, Hu et al. 2021, arXiv 2106.09685). It is never
/// multiplied out: rows of activations go through A to a few numbers, then through B. Immutable once filled.
/// </summary>
/// <param name="a">[rank, columns], unquantized.</param>
/// <param name="b">[rows, rank], unquantized.</param>
/// <param name="scale">alpha / rank, or what else the file's kind makes of them.</param>
internal sealed class LowRankMatrix(WeightMatrix a, WeightMatrix b, float scale) : IDisposable
{
    public WeightMatrix A => a;

    public WeightMatrix B => b;

    /// <summary>Numbers between the two.</summary>
    public int Rank => a.RowCount;

    /// <summary>Bytes of memory that both take.</summary>
    public long ByteSize => a.ByteSize + b.ByteSize;

    /// <summary>Computes panels of scale · A · x for the tokens of a run, and the form of it that <see cref="Expand"/> reads.</summary>
    public void Reduce(int startPanel, int endPanel, Activations input, AdaptedRun run, Activations reduced)
    {
        a.Multiply(startPanel, endPanel, input, run.Start, run.End, reduced, accumulate: false);
        for (int panel = startPanel; panel < endPanel; panel++)
        {
            int column = panel * WeightMatrix.PanelRowCount;
            for (int token = run.Start; token < run.End; token++)
            {
                Span<float> values = reduced.Panel(token, panel);
                TensorPrimitives.Multiply(values, scale * run.Scale, values);
                reduced.Tiled.Set(token, column, values[..Math.Min(values.Length, Rank - column)]);
            }
        }
    }

    /// <summary>Adds panels of B times what <see cref="Reduce"/> made.</summary>
    public void Expand(int startPanel, int endPanel, Activations reduced, AdaptedRun run, Activations output)
        => b.Multiply(startPanel, endPanel, reduced, run.Start, run.End, output, accumulate: true);

    public void Dispose()
    {
        a.Dispose();
        b.Dispose();
    }
}
