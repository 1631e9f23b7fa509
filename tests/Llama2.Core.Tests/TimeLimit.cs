using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Llama2.Tests;

/// <summary>
/// Limits of time that hold on machines that are busy or slow. What counts is the processor time of the thread, where Linux tells it, so that time in which others
/// have the processor is none. And a limit is longer by as much as a fixed work takes longer, at the same time on the same thread, than on the machine that the
/// limit was measured on: one core of Zen 3 that nothing else uses.
/// </summary>
internal static class TimeLimit
{
    private const string ThreadStatistics = "/proc/thread-self/schedstat";
    private const int ReferenceStepCount = 10_000_000;
    private static readonly TimeSpan s_referenceTime = TimeSpan.FromMilliseconds(16);
    private static readonly bool s_tellsProcessorTime = File.Exists(ThreadStatistics);
    private static ulong s_sink;

    /// <summary>Runs an action until it keeps a limit, at most so often; all of it must run on the calling thread.</summary>
    /// <param name="limit">What it may take on the reference machine.</param>
    /// <param name="action">The action.</param>
    /// <param name="attemptCount">Most attempts: code is compiled in the first.</param>
    /// <exception cref="TimeoutException">Each attempt took longer.</exception>
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
            CultureInfo.InvariantCulture, $"It took {best.TotalMilliseconds:N1} ms and may take {limit.TotalMilliseconds:N1} ms, on this machine {slowness:N1} times as long now."));
    }

    /// <summary>The processor time that an action takes on the calling thread; the time that it takes where the system does not tell.</summary>
    public static TimeSpan Measure(Action action)
    {
        TimeSpan start = Now();
        action();
        return Now() - start;
    }

    /// <summary>By how much this machine is now slower than the reference, 1 or more: the least of three measurements.</summary>
    public static double MeasureSlowness()
    {
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 3; i++)
            best = Shorter(best, Measure(RunReference));
        return Math.Max(1, best / s_referenceTime);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // The first of the file's numbers is the thread's time on processors, in nanoseconds.
    private static TimeSpan Now() => s_tellsProcessorTime
        ? TimeSpan.FromTicks(long.Parse(File.ReadAllText(ThreadStatistics).Split(' ')[0], CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick)
        : Stopwatch.GetElapsedTime(0);

    // Each step waits for the one before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunReference()
    {
        ulong value = s_sink | 1;
        for (int i = 0; i < ReferenceStepCount; i++)
            value = (value ^ (value >> 29)) * 0x9E3779B97F4A7C15;
        s_sink = value;
    }
}
