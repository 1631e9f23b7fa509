using System.Diagnostics;
using System.Globalization;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures the time of each operation of a training step: whenever an operation ends, the time since the end of the previous operation is
/// added to the operation's time.
/// </summary>
internal sealed class OperationTimes
{
    private readonly Dictionary<string, long> _ticks = [];
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>The total time of all operations in seconds.</summary>
    public double Total => _ticks.Values.Sum() / (double)Stopwatch.Frequency;

    /// <summary>Clears all times, and begins to measure.</summary>
    public void Restart()
    {
        _ticks.Clear();
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Adds the time since the previous call of this method, or since the start, to the time of an operation.</summary>
    public void Add(string operation)
    {
        long now = Stopwatch.GetTimestamp();
        _ticks[operation] = _ticks.GetValueOrDefault(operation) + now - _last;
        _last = now;
    }

    /// <summary>The operations as lines of a table, the longest first.</summary>
    public string Report()
        => string.Join('\n', _ticks.OrderByDescending(pair => pair.Value).Select(pair => string.Create(
            CultureInfo.InvariantCulture, $"| {pair.Key} | {1e3 * pair.Value / Stopwatch.Frequency:F0} ms | {pair.Value / (double)_ticks.Values.Sum():P1} |")));
}
