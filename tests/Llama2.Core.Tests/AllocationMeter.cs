namespace Llama2.Tests;

/// <summary>Measures what code allocates on the managed heap.</summary>
internal static class AllocationMeter
{
    /// <summary>
    /// Returns the bytes that a call allocates on this thread after warm-up: the minimum of five calls. A garbage collection that another test's
    /// thread starts discards the rest of this thread's allocation context (8 KB), which then counts as allocated; what the code itself allocates
    /// appears in every call.
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
