using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Llama2.Tests;

/// <summary>
/// Time limits that hold on busy and on slow machines. The processor time of the thread is measured, where Linux reports it, so that time in which
/// other threads use the processor does not count. The limit is also multiplied by the slowness of this machine. Slowness is the time of a fixed
/// computation, measured on the same thread right after the action, relative to its time on the machine for which the limits were chosen (an idle
/// core of Zen 3).
/// </summary>
internal static class TimeLimit
{
    private const string ThreadStatistics = "/proc/thread-self/schedstat";
    private const int ReferenceStepCount = 10_000_000;
    private static readonly TimeSpan s_referenceTime = TimeSpan.FromMilliseconds(16);
    private static readonly bool s_tellsProcessorTime = File.Exists(ThreadStatistics);
    private static ulong s_sink;

    /// <summary>Runs an action repeatedly until it stays within the limit; all of its work must be done on the calling thread.</summary>
    /// <param name="limit">The time that the action may take on the reference machine.</param>
    /// <param name="action">The action.</param>
    /// <param name="attemptCount">The maximum number of attempts; the first one includes the compilation of the code.</param>
    /// <exception cref="TimeoutException">Every attempt took longer.</exception>
    public static void Verify(TimeSpan limit, Action action, int attemptCount = 5)
    {
        TimeSpan best = TimeSpan.MaxValue;
        double slowness = 1;
        for (int attempt = 0; attempt < attemptCount; attempt++)
        {
            best = Shorter(best, Measure(action));
            if (best <= limit)
                return;
            slowness = MeasureSlowness();
            if (best <= limit * slowness)
                return;
        }

        throw new TimeoutException(string.Create(
            CultureInfo.InvariantCulture, $"It took {best.TotalMilliseconds:N1} ms. The limit is {limit.TotalMilliseconds:N1} ms, times {slowness:N1} for the present slowness of this machine."));
    }

    /// <summary>The processor time that an action takes on the calling thread, or the elapsed time where the system does not report it.</summary>
    public static TimeSpan Measure(Action action)
    {
        TimeSpan start = Now();
        action();
        return Now() - start;
    }

    /// <summary>The slowness of this machine at present, relative to the reference machine, 1 or more: the minimum of three measurements.</summary>
    public static double MeasureSlowness()
    {
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 3; i++)
            best = Shorter(best, Measure(RunReference));
        return Math.Max(1, best / s_referenceTime);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // The first number of the file is the thread's processor time in nanoseconds.
    private static TimeSpan Now() => s_tellsProcessorTime
        ? TimeSpan.FromTicks(long.Parse(File.ReadAllText(ThreadStatistics).Split(' ')[0], CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick)
        : Stopwatch.GetElapsedTime(0);

    // Each step depends on the result of the previous one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunReference()
    {
        ulong value = s_sink | 1;
        for (int i = 0; i < ReferenceStepCount; i++)
            value = (value ^ (value >> 29)) * 0x9E3779B97F4A7C15;
        s_sink = value;
    }
}
