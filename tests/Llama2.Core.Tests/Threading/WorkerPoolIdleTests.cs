using System.Diagnostics;
using Llama2.Threading;

namespace Llama2.Tests.Threading;

[Collection(nameof(Undisturbed))]
public class WorkerPoolIdleTests
{
    [Fact]
    public void Run_AfterIdlePeriod_WorksAndTheIdlePoolUsedNoProcessorTime()
    {
        HashSet<int> others = [.. ProcessorTimes().Keys];
        using var pool = new WorkerPool(3);
        int[] sums = new int[3];
        pool.Run(new Add(sums), 100);

        // The minimum of three measurements counts, because a thread of the .NET runtime may have started during a measurement and be busy. Two workers that
        // spin would use 300 ms or more.
        double least = double.MaxValue;
        for (int repeat = 0; repeat < 3; repeat++)
        {
            double before = PoolMilliseconds();
            Thread.Sleep(300);
            least = Math.Min(least, PoolMilliseconds() - before);
            pool.Run(new Add(sums), 100);
        }

        least.Should().BeLessThan(30);
        sums.Sum().Should().Be(4 * 4950);

        double PoolMilliseconds() => ProcessorTimes().Where(thread => !others.Contains(thread.Key)).Sum(thread => thread.Value.TotalMilliseconds);
    }

    private static Dictionary<int, TimeSpan> ProcessorTimes()
    {
        using var process = Process.GetCurrentProcess();
        var times = new Dictionary<int, TimeSpan>();
        foreach (ProcessThread thread in process.Threads)
        {
            try
            {
                times[thread.Id] = thread.TotalProcessorTime;
            }
            catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // The thread ended after it was listed, so it is not a thread of the pool.
            }
        }

        return times;
    }

    private readonly struct Add(int[] sums) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int item = start; item < end; item++)
            {
                sums[worker] += item;
            }
        }
    }
}
