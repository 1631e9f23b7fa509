using System.Diagnostics;

namespace Llama2.Benchmarks;

/// <summary>How long an action takes at best.</summary>
internal static class Stopwatches
{
    /// <summary>Seconds of the fastest of at least three runs and 0.7 seconds.</summary>
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
