namespace Llama2.Cli.Benchmarking;

/// <summary>One figure of a benchmark. The words of its name are separated by spaces in the table and by underscores in the JSON output.</summary>
/// <param name="Name">The measured quantity, with its unit.</param>
/// <param name="Values">The measured values, one or more.</param>
/// <param name="Format">The .NET format string with which the table prints the values.</param>
/// <param name="IsRepeated">Whether each run has its own value, so that the output shows a median, a minimum and a maximum.</param>
internal sealed record BenchmarkFigure(string Name, IReadOnlyList<double> Values, string Format, bool IsRepeated)
{
    public BenchmarkFigure(string name, double value, string format)
        : this(name, [value], format, IsRepeated: false)
    {
    }

    /// <summary>The name of the figure's member in the JSON output.</summary>
    public string JsonName => Name.Replace(' ', '_');

    /// <summary>The middle value, or the mean of the two middle values.</summary>
    public double Median => Percentile(Values, 0.5);

    /// <summary>The percentile of one or more values, with linear interpolation.</summary>
    public static double Percentile(IEnumerable<double> values, double fraction)
    {
        double[] sorted = [.. values.Order()];
        double index = fraction * (sorted.Length - 1);
        double below = sorted[(int)Math.Floor(index)], above = sorted[(int)Math.Ceiling(index)];
        return below + (above - below) * (index - Math.Floor(index));
    }
}
