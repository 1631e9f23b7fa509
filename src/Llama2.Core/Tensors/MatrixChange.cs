namespace Llama2.Tensors;

/// <summary>
/// What an adapter adds to the products of a weight matrix. It is computed in two stages: <see cref="Reduce"/> converts rows of activations to an
/// intermediate form, and <see cref="Expand"/> multiplies this form. Immutable once filled.
/// </summary>
internal abstract class MatrixChange : IDisposable
{
    /// <summary>The number of columns of the intermediate form.</summary>
    public abstract int InnerLength { get; }

    /// <summary>The size of the change in memory, in bytes.</summary>
    public abstract long ByteSize { get; }

    /// <summary>The number of panels of 16 columns of the intermediate form.</summary>
    public int InnerPanelCount => (InnerLength + WeightMatrix.PanelRowCount - 1) / WeightMatrix.PanelRowCount;

    /// <summary>Computes panels of the intermediate form for the tokens of a run, and converts them to the form that <see cref="Expand"/> reads.</summary>
    public abstract void Reduce(int startPanel, int endPanel, Activations input, AdaptedRun run, Activations reduced);

    /// <summary>Adds panels of the change to the output.</summary>
    public abstract void Expand(int startPanel, int endPanel, Activations reduced, AdaptedRun run, Activations output);

    public abstract void Dispose();
}
