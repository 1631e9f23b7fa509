using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Quantization;

namespace Llama2.Tensors;

/// <summary>
/// A matrix of weights [rows, columns] that multiplies activations. The forward pass uses only this class; formats, panels and instruction sets are
/// hidden behind it. Immutable once filled, so any number of threads may multiply with it.
/// </summary>
internal abstract class WeightMatrix : IDisposable
{
    /// <summary>The number of rows that are stored interleaved and multiplied together.</summary>
    public const int PanelRowCount = 16;

    protected WeightMatrix(GgmlType type, int rowCount, int columnCount)
    {
        Type = type;
        RowCount = rowCount;
        ColumnCount = columnCount;
    }

    /// <summary>The format of the tensor from which this matrix was made.</summary>
    public GgmlType Type { get; }

    /// <summary>The number of rows, which are the outputs.</summary>
    public int RowCount { get; }

    /// <summary>The number of columns, which are the inputs.</summary>
    public int ColumnCount { get; }

    /// <summary>The number of panels of 16 rows; the last one may have fewer rows.</summary>
    public int PanelCount => (RowCount + PanelRowCount - 1) / PanelRowCount;

    /// <summary>The size of the weights in memory, in bytes.</summary>
    public abstract long ByteSize { get; }

    /// <summary>
    /// The parts of the matrix in memory, such as the codes and the scales. Each consists of <see cref="PanelCount"/> pieces of equal size, one for
    /// each panel. Their content depends on the format and the weights, and not on the kernel tier. Empty for a matrix that does not consist of panels.
    /// </summary>
    public virtual IReadOnlyList<WeightBytes> Parts => [];

    /// <summary>
    /// Whether the weights are multiplied with quantized activations; otherwise they are multiplied with <see cref="Activations.Tiled"/>.
    /// </summary>
    public abstract bool IsQuantized { get; }

    /// <summary>Whether the quantized activations must be split too (<see cref="QuantizedActivations.Set(int, ReadOnlySpan{float}, bool)"/>).</summary>
    public virtual bool SplitsActivations => false;

    /// <summary>
    /// Whether quantized weights are multiplied with <see cref="Activations.QuantizedByPowersOfTwo"/>; otherwise they are multiplied with
    /// <see cref="Activations.Quantized"/>.
    /// </summary>
    public virtual bool ReadsPowersOfTwo => false;

    /// <summary>The number of neighbouring panels that are multiplied together; a remainder of fewer panels takes longer for each panel.</summary>
    public virtual int PanelGroupLength(int tokenCount) => 1;

    /// <summary>Fills a panel. Different panels may be filled by different threads.</summary>
    /// <param name="panel">The index of the panel.</param>
    /// <param name="rows">The panel's rows as the file stores them.</param>
    /// <returns>False if a weight or a scale is infinite or NaN; the panel is then unusable.</returns>
    public abstract bool TryFill(int panel, ReadOnlySpan<byte> rows);

    /// <summary>Multiplies panels <paramref name="startPanel"/> … <paramref name="endPanel"/> − 1 with tokens of the input.</summary>
    /// <param name="startPanel">The first panel.</param>
    /// <param name="endPanel">The last panel's index plus one.</param>
    /// <param name="input">[tokens, columns], already converted to the form that <see cref="IsQuantized"/> and <see cref="ReadsPowersOfTwo"/> require.</param>
    /// <param name="startToken">The first token to multiply; must be 0 if <see cref="IsQuantized"/> is true.</param>
    /// <param name="endToken">The last token's index plus one.</param>
    /// <param name="output">[tokens, rows]; the panels' columns are written.</param>
    /// <param name="accumulate">Whether to add to the output instead of replacing it.</param>
    public abstract void Multiply(int startPanel, int endPanel, Activations input, int startToken, int endToken, Activations output, bool accumulate);

    /// <summary>Decodes columns of a panel, bit for bit as <see cref="WeightFormats"/> does. Training multiplies with the result.</summary>
    /// <param name="panel">The index of the panel.</param>
    /// <param name="startColumn">The first column, which must be at the start of a block of the format; multiples of 256 are at the start of a block
    /// in every format.</param>
    /// <param name="columnCount">The number of columns, which must be a whole number of blocks of the format.</param>
    /// <param name="weights">Receives the weights of 16 rows side by side for each column; rows that are missing in the last panel are 0.</param>
    public abstract void Decode(int panel, int startColumn, int columnCount, Span<float> weights);

    public abstract void Dispose();
}
