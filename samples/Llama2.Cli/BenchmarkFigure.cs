namespace Llama2.Cli;

/// <summary>One figure of a benchmark, in the table and, with underscores for spaces, in the JSON.</summary>
/// <param name="Name">What is measured, with its unit.</param>
/// <param name="Values">The measured values, one or more.</param>
/// <param name="Format">How the table shows it.</param>
/// <param name="IsRepeated">Whether each run has its own value, so that there are a median, a least and a most.</param>
internal sealed record BenchmarkFigure(string Name, IReadOnlyList<double> Values, string Format, bool IsRepeated)
{
    public BenchmarkFigure(string name, double value, string format)
        : this(name, [value], format, IsRepeated: false)
    {
    }

    /// <summary>The name of the JSON's member.</summary>
    public string JsonName => Name.Replace(' ', '_');

    /// <summary>The value in the middle, or the mean of the two there.</summary>
    public double Median
    {
        get
        {
            double[] sorted = [.. Values.Order()];
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }
}
