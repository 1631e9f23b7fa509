namespace Llama2.Tests;

/// <summary>Measures what code allocates on the managed heap.</summary>
internal static class AllocationMeter
{
    /// <summary>
    /// Returns the bytes that a call allocates on this thread after warm-up: the minimum of five calls. If another test's thread starts a garbage
    /// collection, the unused rest of this thread's allocation context (8 KB) is discarded and counts as allocated. This happens in some calls only,
    /// whereas the allocations of the measured code appear in every call.
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
