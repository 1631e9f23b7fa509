namespace Llama2.ServerLoad;

/// <summary>
/// Samples the memory that this process uses, every 2 seconds: the resident memory, in which the managed heap counts with its live objects only. How much
/// free memory the garbage collector keeps depends on the load of the machine, and says nothing about a leak.
/// </summary>
internal sealed class MemoryWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly List<long> _samples = [];
    private readonly Task _sampling;

    public MemoryWatch() => _sampling = SampleAsync();

    /// <summary>
    /// The growth after the warm-up: the median of the last tenth of the samples, divided by the median of the tenth after the warm-up, minus 1. Medians,
    /// because the memory varies with the number of answers under way.
    /// </summary>
    /// <param name="warmUp">The fraction of the samples that does not count.</param>
    public (double Growth, long FirstByteSize, long LastByteSize) Measure(double warmUp)
    {
        long[] samples = [.. _samples];
        int length = Math.Max(1, samples.Length / 10), start = Math.Min((int)(samples.Length * warmUp), samples.Length - length);
        long first = MedianOf(samples[start..(start + length)]), last = MedianOf(samples[^length..]);
        return ((double)last / first - 1, first, last);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _sampling;
        _ending.Dispose();
    }

    private static long MedianOf(long[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static long UsedByteSize()
    {
        GC.Collect();
        GCMemoryInfo heap = GC.GetGCMemoryInfo();
        return Environment.WorkingSet - heap.TotalCommittedBytes + heap.HeapSizeBytes;
    }

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        try
        {
            do
                _samples.Add(UsedByteSize());
            while (await timer.WaitForNextTickAsync(_ending.Token));
        }
        catch (OperationCanceledException)
        {
            // The end of the watch.
        }
    }
}
