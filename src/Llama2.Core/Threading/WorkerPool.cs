using System.Runtime.ExceptionServices;

namespace Llama2.Threading;

/// <summary>
/// Long-lived threads that process ranges of items together with the calling thread. Each thread has a share of neighbouring items and takes one
/// chunk of it after the other, so that it reads memory sequentially. Then it takes chunks from the shares of other threads (work stealing). After each piece
/// of work the threads spin for a moment, because the next piece usually comes within microseconds. Then they sleep, so an idle pool costs nothing. One caller
/// at a time. A run allocates nothing.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    // The number of times that a thread checks for new work before it sleeps. That takes about 100 µs: longer than any pause inside a forward pass,
    // but too short to matter to a user or a battery.
    private const int SpinCount = 2000;
    private const int MaxThreadCount = 1024;

    // The distance between two shares, in units of 8 bytes. It is two cache lines, because processors fetch lines in pairs, and the shares of two
    // threads must not be in the same pair.
    private const int ShareStride = 16;
    private readonly List<Thread> _threads = [];
    private readonly Lock _runGate = new();
    private readonly object _parkingGate = new();
    private volatile Action? _aside;
    private Slot? _slot;
    private ExceptionDispatchInfo? _fault;
    private int _generation;
    private int _parkedCount;
    private int _joinedCount;
    private int _minimumChunk;

    // One number for each thread, which describes its remaining items: the lower half is the first item's index, the upper half is the last item's index plus
    // one.
    private long[] _shares = [];
    private int _shareCount;
    private volatile int _threadCount = 1;
    private volatile bool _isOpen;
    private volatile bool _isStopping;

    /// <summary>Starts <paramref name="threadCount"/> − 1 threads; the caller of <see cref="Run"/> is an additional one.</summary>
    /// <param name="threadCount">The number of threads that work at the same time, 1 to 1,024.</param>
    /// <exception cref="LlamaThreadException">The system refuses a thread; threads that were already started have ended.</exception>
    public WorkerPool(int threadCount)
    {
        CheckThreadCount(threadCount, nameof(threadCount));
        try
        {
            SetThreadCount(threadCount);
        }
        catch
        {
            // The threads that were started are ended here, because no other code has a reference to them.
            Dispose();
            throw;
        }
    }

    /// <summary>The number of threads that work at the same time, including the caller's, 1 to 1,024.</summary>
    public int ThreadCount => _threadCount;

    /// <exception cref="ArgumentOutOfRangeException">The number of threads is not 1 to 1,024.</exception>
    public static void CheckThreadCount(int threadCount, string parameterName)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1, parameterName);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threadCount, MaxThreadCount, parameterName);
    }

    /// <summary>
    /// Starts threads, or ends and joins the threads with the highest indexes, between two runs. If the system refuses a thread, the threads that
    /// were already started are kept, and <see cref="ThreadCount"/> includes them.
    /// </summary>
    /// <exception cref="LlamaThreadException">The system refuses a thread.</exception>
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
    /// Processes all items and returns. Threads take chunks of at least <paramref name="minimumChunk"/> items as they become free; if there is only
    /// one chunk, the calling thread processes it alone. The first exception of any thread is thrown here, after all threads have stopped.
    /// </summary>
    public void Run<TWork>(TWork work, int itemCount, int minimumChunk = 1)
        where TWork : struct, IParallelWork
    {
        ObjectDisposedException.ThrowIf(_isStopping, this);
        if (ThreadCount == 1 || itemCount - minimumChunk < minimumChunk)
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
            _minimumChunk = minimumChunk;
            Share(itemCount);
            _isOpen = true;
            WakeAll();
            TakeChunks(slot, 0);
            Close();
            slot.Work = default;
            _fault?.Throw();
        }
    }

    /// <summary>
    /// Makes the last of the threads do a separate piece of work during the following runs, while the other threads do that thread's share of the
    /// runs. Does nothing if the caller of the runs is the only thread. If a second piece is given before the first was started, the first may be
    /// skipped.
    /// </summary>
    /// <param name="work">The piece of work, which must not throw.</param>
    public void RunAside(Action work)
    {
        if (ThreadCount > 1)
        {
            _aside = work;
            WakeAll();
        }
    }

    /// <summary>Ends the threads, and waits for them.</summary>
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
        _threads.Add(BackgroundThread.Start(() => Work(worker, seen), $"Llama2 worker {worker}"));
        _threadCount = worker + 1;
        Array.Resize(ref _shares, _threadCount * ShareStride);
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

    // Waits for the workers that have joined this run; a worker that has not woken up yet will find the run closed, and is not waited for.
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

            if (worker == _threadCount - 1 && _aside is not null)
            {
                Interlocked.Exchange(ref _aside, null)?.Invoke();
            }

            // The thread joins before it checks whether the run is open, so that either it sees the run closed, or the method Close sees that it has
            // joined.
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
            // The count of sleeping threads is incremented before the generation is read, and WakeAll changes the generation before it reads the
            // count. At least one of the two threads therefore sees what the other wrote.
            Interlocked.Increment(ref _parkedCount);
            while (Volatile.Read(ref _generation) == seen)
            {
                Monitor.Wait(_parkingGate);
            }

            Interlocked.Decrement(ref _parkedCount);
        }

        return Volatile.Read(ref _generation);
    }

    private void Share(int itemCount)
    {
        _shareCount = Math.Clamp(itemCount / _minimumChunk, 1, _threadCount);
        for (int i = 0; i < _shareCount; i++)
        {
            ShareOf(i) = Items((int)((long)itemCount * i / _shareCount), (int)((long)itemCount * (i + 1) / _shareCount));
        }
    }

    private void TakeChunks(Slot slot, int worker)
    {
        try
        {
            for (int i = 0; i < _shareCount; i++)
            {
                int share = (worker + i) % _shareCount;
                while (TryTake(share, isOwn: share == worker, out int start, out int end))
                {
                    slot.Run(start, end, worker);
                }
            }
        }
        catch (Exception exception)
        {
            // Run rethrows the exception on the caller's thread. The shares are emptied, so that the other threads find no chunk left.
            Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(exception), null);
            for (int i = 0; i < _shareCount; i++)
            {
                Volatile.Write(ref ShareOf(i), 0);
            }
        }
    }

    // Takes a quarter of the remaining items: chunks are large at first and small at the end, where the other threads wait for the last chunk (guided
    // self-scheduling, Polychronopoulos and Kuck 1987). The owner of the share takes from the front, other threads take from the back.
    private bool TryTake(int share, bool isOwn, out int start, out int end)
    {
        ref long items = ref ShareOf(share);
        while (true)
        {
            long seen = Volatile.Read(ref items);
            (start, end) = ((int)seen, (int)(seen >> 32));
            int count = end - start;
            if (count == 0)
            {
                return false;
            }

            int chunk = Math.Max(_minimumChunk, count / 4);
            if (count - chunk < _minimumChunk)
            {
                chunk = count;
            }

            long rest = isOwn ? Items(start + chunk, end) : Items(start, end - chunk);
            if (Interlocked.CompareExchange(ref items, rest, seen) == seen)
            {
                (start, end) = isOwn ? (start, start + chunk) : (end - chunk, end);
                return true;
            }
        }
    }

    private ref long ShareOf(int index) => ref _shares[index * ShareStride];

    private static long Items(int start, int end) => (long)end << 32 | (uint)start;

    private abstract class Slot
    {
        public abstract void Run(int start, int end, int worker);
    }

    // Holds the struct that describes the work, where all threads can reach it. Each calling thread keeps one slot for each kind of work, so that a run
    // allocates nothing.
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
