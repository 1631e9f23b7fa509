namespace Llama2.Tests;

/// <summary>A clock that moves only when it is advanced; its timers elapse at that moment.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan DueTime, TaskCompletionSource Seen)> _awaited = [];
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The timers that have not elapsed.</summary>
    public int RunningTimerCount
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes when a timer with this time is started. Called before the timer can be started.</summary>
    public Task StartedAsync(TimeSpan dueTime)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _awaited.Add((dueTime, seen));
        }

        return seen.Task;
    }

    public void Advance(TimeSpan time)
    {
        ManualTimer[] due;
        lock (_gate)
        {
            long now = Interlocked.Add(ref _ticks, time.Ticks);
            due = [.. _timers.Where(timer => timer.DueTicks <= now)];
            _timers.RemoveAll(timer => timer.DueTicks <= now);
        }

        Array.ForEach(due, timer => timer.Run());
    }

    private sealed class ManualTimer(ManualTimeProvider provider, TimerCallback callback, object? state) : ITimer
    {
        public long DueTicks { get; private set; }

        public void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (provider._gate)
            {
                provider._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    DueTicks = provider._ticks + dueTime.Ticks;
                    provider._timers.Add(this);
                    foreach ((_, TaskCompletionSource seen) in provider._awaited.Where(awaited => awaited.DueTime == dueTime))
                        seen.TrySetResult();
                }
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
