using System.Numerics.Tensors;

namespace Llama2.Tensors;

/// <summary>
/// A change of a weight matrix W by low rank and magnitudes (DoRA, Liu et al. 2024, arXiv 2402.09353): each row w becomes m · (w + s · b · A) / ‖w + s · b · A‖.
/// The scale of an adapter's use multiplies s, and not the magnitude m, as in PEFT. Immutable once filled.
/// </summary>
/// <param name="change">The change s · B · A; it is disposed with this object.</param>
/// <param name="scale">The factor s.</param>
/// <param name="norms">The norms of the rows of W + f · B · A.</param>
/// <param name="magnitudes">The magnitudes, one for each row.</param>
internal sealed class DecomposedMatrix(LowRankMatrix change, float scale, AdaptedRowNorms norms, float[] magnitudes) : MatrixChange
{
    public override int InnerLength => change.InnerLength;

    public override bool ReadsProduct => true;

    public override long ByteSize => change.ByteSize + norms.ByteSize + (long)magnitudes.Length * sizeof(float);

    public override void Reduce(int startPanel, int endPanel, Activations input, AdaptedRun run, Activations reduced) => change.Reduce(startPanel, endPanel, input, run, reduced);

    // The output loses the product W · x and gets the product of the changed rows, (W · x + s · B · A · x) · m / ‖…‖.
    public override void Expand(int startPanel, int endPanel, Activations reduced, AdaptedRun run, Activations output, Activations? product)
    {
        Span<float> factors = stackalloc float[WeightMatrix.PanelRowCount];
        for (int panel = startPanel; panel < endPanel; panel++)
        {
            int row = panel * WeightMatrix.PanelRowCount, count = Math.Min(WeightMatrix.PanelRowCount, magnitudes.Length - row);
            for (int i = 0; i < count; i++)
            {
                double norm = norms[row + i, scale * run.Scale];
                // A row of zeros stays zero, whatever its magnitude is.
                factors[i] = norm > 0 ? (float)(magnitudes[row + i] / norm) : 0;
            }

            for (int token = run.Start; token < run.End; token++)
            {
                Span<float> sum = output[token].Slice(row, count);
                TensorPrimitives.Subtract(sum, product![token].Slice(row, count), sum);
            }

            change.Expand(panel, panel + 1, reduced, run, product!, product: null);
            for (int token = run.Start; token < run.End; token++)
            {
                Span<float> sum = output[token].Slice(row, count);
                // The multiply-add is fused on every processor, so that all processors compute the same bits.
                TensorPrimitives.FusedMultiplyAdd(product![token].Slice(row, count), factors[..count], sum, sum);
            }
        }
    }

    public override void Dispose() => change.Dispose();
}
