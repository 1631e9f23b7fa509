namespace Llama2.Tests;

/// <summary>Measures what code allocates on the managed heap.</summary>
internal static class AllocationMeter
{
    /// <summary>
    /// Bytes that a warm call allocates on this thread: the least of five. A collection that another test's thread starts takes away this
    /// thread's allocation window (8 KB), whose unused rest then counts as allocated; what the code itself allocates shows every time.
    /// </summary>
    public static long Measure(Action action)
    {
        action();
        long least = long.MaxValue;
        for (int repeat = 0; repeat < 5; repeat++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
