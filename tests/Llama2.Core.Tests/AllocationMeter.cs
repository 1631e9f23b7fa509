namespace Llama2.Tests;

/// <summary>Measures what code allocates on the managed heap.</summary>
internal static class AllocationMeter
{
    /// <summary>
    /// Returns the bytes that a call allocates on this thread after warm-up: the minimum of five calls. If another test's thread starts a garbage
    /// collection, the unused rest of this thread's allocation context (8 KB) is discarded and counts as allocated. This happens in some calls only,
    /// whereas the allocations of the measured code appear in every call.
    /// </summary>
    public static long Measure(Action action) => Measure(() => action, static call => call());

    /// <inheritdoc cref="Measure(Action)"/>
    /// <param name="prepare">Creates what each call needs. The allocations of this action are not measured.</param>
    /// <param name="action">The measured call.</param>
    public static long Measure<T>(Func<T> prepare, Action<T> action)
    {
        action(prepare());
        long least = long.MaxValue;
        for (int repeat = 0; repeat < 5; repeat++)
        {
            T prepared = prepare();
            long before = GC.GetAllocatedBytesForCurrentThread();
            action(prepared);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
