namespace Llama2.Tensors;

/// <summary>
/// What an adapter adds to the products of a weight matrix. It is computed in two stages: <see cref="Reduce"/> converts rows of activations to an
/// intermediate form, and <see cref="Expand"/> multiplies this form. Immutable once filled.
/// </summary>
internal abstract class MatrixChange : IDisposable
{
    /// <summary>The number of columns of the intermediate form.</summary>
    public abstract int InnerLength { get; }

    /// <summary>Whether <see cref="Expand"/> needs the product of the weight matrix alone.</summary>
    public virtual bool ReadsProduct => false;

    /// <summary>The size of the change in memory, in bytes.</summary>
    public abstract long ByteSize { get; }

    /// <summary>The number of panels of 16 columns of the intermediate form.</summary>
    public int InnerPanelCount => (InnerLength + WeightMatrix.PanelRowCount - 1) / WeightMatrix.PanelRowCount;

    /// <summary>Computes panels of the intermediate form for the tokens of a run, and converts them to the form that <see cref="Expand"/> reads.</summary>
    public abstract void Reduce(int startPanel, int endPanel, Activations input, AdaptedRun run, Activations reduced);

    /// <summary>Adds panels of the change to the output.</summary>
    /// <param name="startPanel">The first panel.</param>
    /// <param name="endPanel">The last panel's index plus one.</param>
    /// <param name="reduced">The intermediate form.</param>
    /// <param name="run">The tokens.</param>
    /// <param name="output">The product of the weight matrix, and what was added to it.</param>
    /// <param name="product">The product of the weight matrix alone, which is overwritten; null if <see cref="ReadsProduct"/> is false.</param>
    public abstract void Expand(int startPanel, int endPanel, Activations reduced, AdaptedRun run, Activations output, Activations? product);

    public abstract void Dispose();
}
