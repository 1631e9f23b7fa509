using System.Diagnostics;

namespace Llama2.Benchmarks;

/// <summary>Measures the shortest time that an action takes.</summary>
internal static class Stopwatches
{
    /// <summary>The time in seconds of the fastest run; there are at least three runs, and all runs together take at least 0.7 seconds.</summary>
    public static double Best(Action action)
    {
        double best = double.MaxValue;
        var total = Stopwatch.StartNew();
        for (int i = 0; i < 3 || total.ElapsedMilliseconds < 700; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
