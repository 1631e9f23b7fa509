using System.Diagnostics;

namespace Llama2.Evaluation.Sandboxes;

/// <summary>
/// Watches the processes of a run on a thread of its own: when a limit is exceeded, the run is cancelled or it has its result, the watch ends the
/// processes. Thread-safe.
/// </summary>
internal sealed class RunWatch : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20), s_memoryInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_maxStartTime = TimeSpan.FromMinutes(1);

    private readonly CodeRunLimits _limits;
    private readonly CancellationToken _cancellationToken;
    private readonly ManualResetEventSlim _woken = new();
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly List<SandboxedProcess> _processes = [];
    private readonly long _created = Stopwatch.GetTimestamp();
    private long _programStarted;
    private TimeSpan _duration;
    private TimeSpan _nextMemoryCheck;
    private bool _isDisposed;

    public RunWatch(CodeRunLimits limits, CancellationToken cancellationToken)
    {
        (_limits, _cancellationToken) = (limits, cancellationToken);
        _thread = new Thread(Watch) { IsBackground = true, Name = "Watch of a sandbox" };
        _thread.Start();
    }

    /// <summary>Why the run was ended; the first reason counts.</summary>
    public StopReason Reason { get; private set; }

    /// <summary>The time from the program's start until it was ended or its result was known; 0 if it has not started.</summary>
    public TimeSpan Duration
    {
        get
        {
            lock (_lock)
            {
                return _duration;
            }
        }
    }

    /// <summary>Adds a process, which must not be disposed before the watch.</summary>
    public void Add(SandboxedProcess process)
    {
        lock (_lock)
        {
            _processes.Add(process);
        }
    }

    /// <summary>The sandbox is ready: from now on, the time counts.</summary>
    public void StartProgram()
    {
        lock (_lock)
        {
            _programStarted = Stopwatch.GetTimestamp();
        }
    }

    public void Stop(StopReason reason)
    {
        lock (_lock)
        {
            if (Reason != StopReason.None)
                return;
            Reason = reason;
            _duration = _programStarted == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_programStarted);
        }

        _woken.Set();
    }

    /// <summary>Ends the watch. All processes must have ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        _woken.Set();
        _thread.Join();
        _woken.Dispose();
    }

    private void Watch()
    {
        while (true)
        {
            _woken.Wait(s_interval);
            SandboxedProcess[] processes;
            lock (_lock)
            {
                if (_isDisposed)
                    return;
                processes = [.. _processes];
            }

            if (Reason == StopReason.None)
                Check(processes);
            if (Reason != StopReason.None)
                Kill(processes);
        }
    }

    private void Check(SandboxedProcess[] processes)
    {
        long programStarted;
        lock (_lock)
        {
            programStarted = _programStarted;
        }

        if (_cancellationToken.IsCancellationRequested)
            Stop(StopReason.Cancelled);
        else if (programStarted != 0 && Stopwatch.GetElapsedTime(programStarted) > _limits.Time)
            Stop(StopReason.TimedOut);
        else if (programStarted == 0 && Stopwatch.GetElapsedTime(_created) > s_maxStartTime)
            Stop(StopReason.NotStarted);
        else if (Stopwatch.GetElapsedTime(_created) > _nextMemoryCheck)
            CheckMemory(processes);
    }

    // Reading /proc takes longer the more processes the machine has. The watch spends at most a twentieth of its time on it.
    private void CheckMemory(SandboxedProcess[] processes)
    {
        TimeSpan start = Stopwatch.GetElapsedTime(_created);
        ILookup<int, int> descendants = ProcessTree.FindDescendants([.. processes.Select(process => process.Id)]);
        if (descendants.Any(group => group.Sum(ProcessTree.MemoryByteSizeOf) > _limits.MemoryByteSize))
            Stop(StopReason.OutOfMemory);
        TimeSpan end = Stopwatch.GetElapsedTime(_created), cost = 20 * (end - start);
        _nextMemoryCheck = end + (cost > s_memoryInterval ? cost : s_memoryInterval);
    }

    // Repeated until all have ended, because a sandbox may be about to create its first process.
    private void Kill(SandboxedProcess[] processes)
    {
        ILookup<int, int> descendants = ProcessTree.FindDescendants([.. processes.Select(process => process.Id)]);
        foreach (SandboxedProcess process in processes)
            process.Kill(descendants[process.Id].Take(1));
        _woken.Reset();
    }
}
