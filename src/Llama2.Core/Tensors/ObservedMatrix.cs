using Llama2.Memory;

namespace Llama2.Tensors;

/// <summary>
/// A weight matrix that sums the squares of the activations that it is multiplied with, column by column. It replaces the original matrix when the
/// model is loaded, so a model without observation has no extra cost.
/// </summary>
internal sealed class ObservedMatrix(string name, WeightMatrix matrix) : WeightMatrix(matrix.Type, matrix.RowCount, matrix.ColumnCount)
{
    private readonly double[] _squareSums = new double[matrix.ColumnCount];

    /// <summary>The tensor's name.</summary>
    public string Name => name;

    /// <summary>The number of tokens that the matrix was multiplied with.</summary>
    public long ObservedCount { get; private set; }

    public override long ByteSize => matrix.ByteSize;

    public override IReadOnlyList<WeightBytes> Parts => matrix.Parts;

    public override bool IsQuantized => matrix.IsQuantized;

    public override bool SplitsActivations => matrix.SplitsActivations;

    public override bool ReadsPowersOfTwo => matrix.ReadsPowersOfTwo;

    /// <summary>The sums of squares over all tokens, one for each column.</summary>
    public float[] SquareSums() => [.. _squareSums.Select(sum => (float)sum)];

    public override bool TryFill(int panel, ReadOnlySpan<byte> rows) => matrix.TryFill(panel, rows);

    public override void Multiply(int startPanel, int endPanel, Activations input, int startToken, int endToken, Activations output, bool accumulate)
    {
        // The panels of a product are divided among threads, which all have the same input; only the thread that computes the first panel observes it.
        if (startPanel == 0)
        {
            Observe(input, startToken, endToken);
        }

        matrix.Multiply(startPanel, endPanel, input, startToken, endToken, output, accumulate);
    }

    public override void Decode(int panel, int startColumn, int columnCount, Span<float> weights) => matrix.Decode(panel, startColumn, columnCount, weights);

    public override void Dispose() => matrix.Dispose();

    private void Observe(Activations input, int startToken, int endToken)
    {
        for (int token = startToken; token < endToken; token++)
        {
            ReadOnlySpan<float> activations = input[token];
            for (int column = 0; column < activations.Length; column++)
            {
                _squareSums[column] += (double)activations[column] * activations[column];
            }
        }

        ObservedCount += endToken - startToken;
    }
}
