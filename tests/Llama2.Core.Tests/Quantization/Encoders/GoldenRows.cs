namespace Llama2.Tests.Quantization.Encoders;

/// <summary>
/// The rows of tests/Reference/quantization.py, computed again with the same generator and the same operations in double precision.
/// </summary>
internal sealed class GoldenRows
{
    public const int RowCount = 4;
    public const int ColumnCount = 768;
    private ulong _state;

    public GoldenRows(string kind, int seed)
    {
        _state = (ulong)seed;
        Func<double> draw = kind switch
        {
            "gaussian" => () => 0.02 * Gaussian(),
            "heavy-tailed" => () => 0.02 * Gaussian() * Gaussian() * Gaussian(),
            "positive" => () => 0.5 + Uniform(),
            "sparse" => Sparse,
            "tiny" => () => 3e-7 * Gaussian(),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
        Weights = [.. Enumerable.Range(0, RowCount * ColumnCount).Select(_ => (float)draw())];
        Importance = [.. Enumerable.Range(0, ColumnCount).Select(_ => Uniform()).Select(value => (float)(value * value))];
    }

    public float[] Weights { get; }

    public float[] Importance { get; }

    public ReadOnlySpan<float> Row(int row) => Weights.AsSpan(row * ColumnCount, ColumnCount);

    /// <summary>The root of the weighted sum of squared differences, divided by the root of the weighted sum of squared weights.</summary>
    public double RelativeError(float[] decoded, bool useImportance)
    {
        double error = 0, norm = 0;
        for (int i = 0; i < Weights.Length; i++)
        {
            double importance = useImportance ? Importance[i % ColumnCount] : 1, difference = Weights[i] - decoded[i];
            error += importance * difference * difference;
            norm += importance * Weights[i] * Weights[i];
        }

        return Math.Sqrt(error / norm);
    }

    private double Sparse() => Uniform() < 0.02 ? Gaussian() : 0;

    private double Uniform()
    {
        _state = _state * 6364136223846793005 + 1442695040888963407;
        return (_state >> 40) / (double)(1 << 24);
    }

    private double Gaussian()
    {
        double total = 0;
        for (int i = 0; i < 12; i++)
        {
            total += Uniform();
        }

        return total - 6;
    }
}
