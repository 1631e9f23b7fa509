using System.Runtime.ExceptionServices;

namespace Llama2.Threading;

/// <summary>
/// Threads that stay, and share ranges of items with the thread that calls. They spin for a moment after each piece of work, since the
/// next one is usually microseconds away, then sleep: an idle pool costs nothing. One caller at a time; nothing is allocated by a run.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    // About 100 µs: longer than any pause inside a forward pass, shorter than what a person or a battery notices.
    private const int SpinCount = 2000;
    private const int MaximumThreadCount = 1024;
    private readonly List<Thread> _threads = [];
    private readonly Lock _runGate = new();
    private readonly object _parkingGate = new();
    private Slot? _slot;
    private ExceptionDispatchInfo? _fault;
    private int _generation;
    private int _parkedCount;
    private int _joinedCount;
    private int _nextItem;
    private int _itemCount;
    private int _minimumChunk;
    private volatile int _threadCount = 1;
    private volatile bool _isOpen;
    private volatile bool _isStopping;

    /// <summary>Starts <paramref name="threadCount"/> − 1 threads; the caller of <see cref="Run"/> is the last.</summary>
    public WorkerPool(int threadCount) => SetThreadCount(threadCount);

    /// <summary>Threads that work at once, the caller's included, 1 to 1,024.</summary>
    public int ThreadCount => _threadCount;

    /// <exception cref="ArgumentOutOfRangeException">The number of threads is not 1 to 1,024.</exception>
    public static void CheckThreadCount(int threadCount, string parameterName)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1, parameterName);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threadCount, MaximumThreadCount, parameterName);
    }

    /// <summary>
    /// Starts threads, or ends and joins those with the highest indexes, between two runs. If the system refuses a thread, those that were started
    /// stay, and <see cref="ThreadCount"/> counts them.
    /// </summary>
    public void SetThreadCount(int threadCount)
    {
        CheckThreadCount(threadCount, nameof(threadCount));
        lock (_runGate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            while (_threadCount < threadCount)
            {
                StartThread();
            }

            if (_threadCount > threadCount)
            {
                _threadCount = threadCount;
                WakeAll();
                JoinFrom(threadCount - 1);
            }
        }
    }

    /// <summary>
    /// Does all items and returns. Threads take chunks of at least <paramref name="minimumChunk"/> items as they become free; a single
    /// chunk is done by the caller alone. The first exception of any thread is thrown here, after all threads have stopped.
    /// </summary>
    public void Run<TWork>(TWork work, int itemCount, int minimumChunk = 1)
        where TWork : struct, IParallelWork
    {
        ObjectDisposedException.ThrowIf(_isStopping, this);
        if (ThreadCount == 1 || itemCount <= minimumChunk)
        {
            if (itemCount > 0)
            {
                work.Run(0, itemCount, 0);
            }

            return;
        }

        lock (_runGate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            Slot<TWork> slot = Slot<TWork>.ForThisThread;
            slot.Work = work;
            _slot = slot;
            _fault = null;
            _nextItem = 0;
            _itemCount = itemCount;
            _minimumChunk = minimumChunk;
            _isOpen = true;
            WakeAll();
            TakeChunks(slot, 0);
            Close();
            slot.Work = default;
            _fault?.Throw();
        }
    }

    public void Dispose()
    {
        lock (_runGate)
        {
            if (_isStopping)
            {
                return;
            }

            _isStopping = true;
            WakeAll();
        }

        JoinFrom(0);
    }

    private void StartThread()
    {
        int worker = _threads.Count + 1, seen = _generation;
        var thread = new Thread(() => Work(worker, seen)) { IsBackground = true, Name = $"Llama2 worker {worker}" };
        // Without the caller's execution context, which would live as long as the thread.
        thread.UnsafeStart();
        _threads.Add(thread);
        _threadCount = worker + 1;
    }

    private void JoinFrom(int index)
    {
        for (int i = index; i < _threads.Count; i++)
        {
            _threads[i].Join();
        }

        _threads.RemoveRange(index, _threads.Count - index);
    }

    private void WakeAll()
    {
        Interlocked.Increment(ref _generation);
        if (Volatile.Read(ref _parkedCount) != 0)
        {
            lock (_parkingGate)
            {
                Monitor.PulseAll(_parkingGate);
            }
        }
    }

    // Waits for the workers that have joined this run; one that has not woken up yet finds the run closed and is not waited for.
    private void Close()
    {
        _isOpen = false;
        Interlocked.MemoryBarrier();
        SpinWait spin = default;
        while (Volatile.Read(ref _joinedCount) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Work(int worker, int seen)
    {
        while (true)
        {
            seen = WaitForGenerationAfter(seen);
            if (_isStopping || worker >= _threadCount)
            {
                return;
            }

            // Joined before looking whether the run is open, so that either this sees it closed or Close sees this.
            Interlocked.Increment(ref _joinedCount);
            if (_isOpen)
            {
                TakeChunks(_slot!, worker);
            }

            Interlocked.Decrement(ref _joinedCount);
        }
    }

    private int WaitForGenerationAfter(int seen)
    {
        for (int i = 0; i < SpinCount; i++)
        {
            int generation = Volatile.Read(ref _generation);
            if (generation != seen)
            {
                return generation;
            }

            Thread.SpinWait(8);
        }

        lock (_parkingGate)
        {
            // The count is raised before the generation is read, and WakeAll does the reverse, so one of the two sees the other.
            Interlocked.Increment(ref _parkedCount);
            while (Volatile.Read(ref _generation) == seen)
            {
                Monitor.Wait(_parkingGate);
            }

            Interlocked.Decrement(ref _parkedCount);
        }

        return Volatile.Read(ref _generation);
    }

    private void TakeChunks(Slot slot, int worker)
    {
        try
        {
            for (int start = Volatile.Read(ref _nextItem); start < _itemCount; start = Volatile.Read(ref _nextItem))
            {
                // A quarter of a thread's share of what is left: large chunks first, small ones at the end, where threads wait for the last
                // (guided self-scheduling, Polychronopoulos and Kuck 1987).
                int end = Math.Min(_itemCount, start + Math.Max(_minimumChunk, (_itemCount - start) / (4 * ThreadCount)));
                if (Interlocked.CompareExchange(ref _nextItem, end, start) == start)
                {
                    slot.Run(start, end, worker);
                }
            }
        }
        catch (Exception exception)
        {
            // Rethrown by Run on the caller's thread; the other threads find no chunk left.
            Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(exception), null);
            Volatile.Write(ref _nextItem, _itemCount);
        }
    }

    private abstract class Slot
    {
        public abstract void Run(int start, int end, int worker);
    }

    // Holds a struct of work where all threads can reach it; one for each calling thread and kind of work, so that a run allocates nothing.
    private sealed class Slot<TWork> : Slot
        where TWork : struct, IParallelWork
    {
        [ThreadStatic]
        private static Slot<TWork>? s_forThisThread;

        public TWork Work;

        public static Slot<TWork> ForThisThread => s_forThisThread ??= new Slot<TWork>();

        public override void Run(int start, int end, int worker) => Work.Run(start, end, worker);
    }
}
