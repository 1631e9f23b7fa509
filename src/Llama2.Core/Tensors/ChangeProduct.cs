using System.Numerics.Tensors;

namespace Llama2.Tensors;

/// <summary>The change that an adapter adds to one product of a weight matrix.</summary>
/// <param name="Weights">The matrix that the adapter changes.</param>
/// <param name="Change">The change.</param>
/// <param name="Runs">The rows to which the change is added.</param>
/// <param name="Reduced">[rows, inner length]: the rows in the intermediate form of the change.</param>
/// <param name="Product">[rows, output length]: memory for the product of the weight matrix alone; null if the change does not read it.</param>
internal readonly record struct ChangeProduct(WeightMatrix Weights, MatrixChange Change, List<AdaptedRun> Runs, Activations Reduced, Activations? Product)
{
    /// <summary>Keeps panels of the output before a product is added to them.</summary>
    public void KeepOutput(int startPanel, int endPanel, Activations output)
    {
        if (Product is null)
        {
            return;
        }

        foreach (AdaptedRun run in Runs)
        {
            for (int token = run.Start; token < run.End; token++)
            {
                Columns(output, token, startPanel, endPanel).CopyTo(Columns(Product, token, startPanel, endPanel));
            }
        }
    }

    /// <summary>Takes panels of the product from the output, before changes are added to it.</summary>
    /// <param name="startPanel">The first panel.</param>
    /// <param name="endPanel">The last panel's index plus one.</param>
    /// <param name="output">The output.</param>
    /// <param name="accumulate">Whether the product was added to the output that <see cref="KeepOutput"/> kept.</param>
    public void TakeProduct(int startPanel, int endPanel, Activations output, bool accumulate)
    {
        if (Product is null)
        {
            return;
        }

        foreach (AdaptedRun run in Runs)
        {
            for (int token = run.Start; token < run.End; token++)
            {
                Span<float> sum = Columns(output, token, startPanel, endPanel), product = Columns(Product, token, startPanel, endPanel);
                if (accumulate)
                {
                    TensorPrimitives.Subtract(sum, product, product);
                }
                else
                {
                    sum.CopyTo(product);
                }
            }
        }
    }

    private static Span<float> Columns(Activations activations, int token, int startPanel, int endPanel)
        => activations[token][(startPanel * WeightMatrix.PanelRowCount)..Math.Min(activations.Width, endPanel * WeightMatrix.PanelRowCount)];
}
