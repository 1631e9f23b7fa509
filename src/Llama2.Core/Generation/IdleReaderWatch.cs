namespace Llama2.Generation;

/// <summary>
/// Finds sequences that have waited for their reader longer than the limit. It has a single timer, which runs only while a sequence waits for its
/// reader. Used only by the scheduler's thread; only the timer's callback runs on another thread.
/// </summary>
/// <param name="limit">The maximum time that a sequence may wait for its reader; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="wake">Wakes the scheduler, so that it checks the sequences; called on any thread.</param>
internal sealed class IdleReaderWatch(TimeSpan limit, TimeProvider timeProvider, Action wake) : IDisposable
{
    private ITimer? _timer;
    private bool _isTiming;
    private volatile bool _isDue;
    private volatile int _stalledCount;

    public TimeSpan Limit => limit;

    /// <summary>The number of sequences that waited for their readers when <see cref="Watch"/> was last called; may be read on any thread.</summary>
    public int StalledCount => _stalledCount;

    /// <summary>Whether the timer has elapsed since this method was last called, so that a sequence may have waited for too long.</summary>
    public bool TakeDue()
    {
        if (!_isDue)
        {
            return false;
        }

        _isDue = false;
        _isTiming = false;
        return true;
    }

    /// <summary>Whether a sequence has waited for too long and its reader has still not continued.</summary>
    public bool IsIdle(Sequence sequence)
        => sequence.StalledSince is long since && !sequence.IsReady && timeProvider.GetElapsedTime(since) >= limit;

    /// <summary>Counts the sequences that wait for their readers. Starts the timer if there are any and the timer is not running.</summary>
    public void Watch(List<Sequence> sequences)
    {
        int count = 0;
        long earliest = long.MaxValue;
        foreach (Sequence sequence in sequences)
        {
            if (sequence.StalledSince is long since)
            {
                count++;
                earliest = Math.Min(earliest, since);
            }
        }

        _stalledCount = count;
        if (count > 0 && !_isTiming && limit != Timeout.InfiniteTimeSpan)
        {
            _isTiming = true;
            TimeSpan rest = limit - timeProvider.GetElapsedTime(earliest);
            _timer ??= timeProvider.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            // Timers count whole milliseconds.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(rest.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void OnTimer()
    {
        _isDue = true;
        wake();
    }
}
