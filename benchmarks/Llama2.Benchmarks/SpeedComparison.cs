using System.Text.Json;

namespace Llama2.Benchmarks;

/// <summary>The speeds of constrained and free generations of the same number of tokens, which ran alternately.</summary>
/// <param name="tokenCount">The number of tokens of each run.</param>
internal sealed class SpeedComparison(int tokenCount)
{
    private readonly List<double> _constrained = [];
    private readonly List<double> _free = [];

    /// <summary>Adds a pair of runs.</summary>
    /// <param name="constrainedSeconds">The time of the constrained run.</param>
    /// <param name="freeSeconds">The time of the free run.</param>
    public void Add(double constrainedSeconds, double freeSeconds)
    {
        _constrained.Add(tokenCount / constrainedSeconds);
        _free.Add(tokenCount / freeSeconds);
    }

    /// <summary>Writes the medians of the speeds, and the median, minimum and maximum of the ratios of the pairs.</summary>
    public void WriteMembers(Utf8JsonWriter json)
    {
        double[] ratios = [.. _constrained.Zip(_free, (constrained, free) => constrained / free)];
        json.WriteNumber("tokens", tokenCount);
        json.WriteNumber("constrained_tokens_per_second", Math.Round(Median(_constrained), 1));
        json.WriteNumber("free_tokens_per_second", Math.Round(Median(_free), 1));
        json.WriteNumber("ratio_median", Math.Round(Median(ratios), 3));
        json.WriteNumber("ratio_min", Math.Round(ratios.Min(), 3));
        json.WriteNumber("ratio_max", Math.Round(ratios.Max(), 3));
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
