namespace Llama2.Cli.Constraints;

/// <summary>Statistics of measured times; each is 0 if there are no times.</summary>
internal sealed class TimeFigures
{
    private readonly double[] _sorted;

    public TimeFigures(IEnumerable<double> times) => _sorted = [.. times.Order()];

    public int Count => _sorted.Length;

    public double Average => _sorted.Length == 0 ? 0 : _sorted.Average();

    public double Median => At(0.5);

    public double Percentile99 => At(0.99);

    public double Worst => At(1);

    private double At(double part) => _sorted.Length == 0 ? 0 : _sorted[Math.Min(_sorted.Length - 1, (int)(_sorted.Length * part))];
}
