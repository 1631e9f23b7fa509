using Llama2.Model;
using Llama2.Threading;

namespace Llama2.Generation;

/// <summary>
/// The one thread that computes with a model. It batches the next tokens of all running sequences, so that the weights are read once for
/// all of them (continuous batching, Yu et al. 2022, "Orca"), first those that decode, then prompts in what room is left. Sequences for
/// which there is no memory wait in the order of their arrival.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    // The most tokens that any pass has: even when each sequence takes one, more sequences would only take turns.
    private const int MaxRunningCount = PassCapacity.MaxTokenCount;
    private readonly LlamaTransformer _transformer;
    private readonly InferenceState _state;
    private readonly WorkerPool _pool;
    private readonly KeyValuePool _memory;
    private readonly TimeProvider _timeProvider;
    private readonly PromptPacing _pacing = new();
    private readonly Batch _batch;
    private readonly Thread _thread;
    private readonly Func<bool> _isPassCancelled;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly WaitingQueue _waiting;
    private readonly IdleReaderWatch _readers;
    private readonly List<Sequence> _running = [];
    // Those of a pass that failed: computed one by one, to find whose fault it was.
    private readonly List<Sequence> _suspects = [];
    private readonly List<(Sequence Sequence, int Count, int LogitsRow)> _inBatch = [];
    private readonly List<(Sequence Sequence, LlamaMemoryException Exception)> _failed = [];
    private int _decodeTurn;
    private int _promptTurn;
    private int _runningCount;
    private int _promptTokenCount;
    private bool _isDecoding;
    private long _abandonedCount;
    private volatile int _threadCount;
    private volatile bool _isStopping;

    /// <summary>Starts the thread, which owns <paramref name="state"/> and <paramref name="memory"/> from now on, and alone uses <paramref name="pool"/>.</summary>
    /// <param name="transformer">The model.</param>
    /// <param name="state">Scratch memory of a pass.</param>
    /// <param name="memory">Keys and values.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="maxWaitingCount">Sequences that may wait.</param>
    /// <param name="readerIdleLimit">How long a sequence may wait for its reader; infinite for ever.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="LlamaThreadException">The system refuses the thread.</exception>
    public Scheduler(
        LlamaTransformer transformer, InferenceState state, KeyValuePool memory, WorkerPool pool, int maxWaitingCount, TimeSpan readerIdleLimit, TimeProvider timeProvider)
    {
        _readers = new IdleReaderWatch(readerIdleLimit, timeProvider, Wake);
        _memory = memory;
        _waiting = new WaitingQueue(maxWaitingCount);
        _timeProvider = timeProvider;
        _transformer = transformer;
        _state = state;
        _pool = pool;
        _threadCount = pool.ThreadCount;
        _batch = new Batch(state.TokenCapacity);
        _isPassCancelled = IsPassCancelled;
        _thread = BackgroundThread.Start(Run, "Llama2 scheduler");
    }

    /// <summary>Threads that compute; set from any thread, for the next pass on.</summary>
    /// <exception cref="ObjectDisposedException">Set after the scheduler is disposed.</exception>
    public int ThreadCount
    {
        get => _threadCount;
        set => _threadCount = _isStopping ? throw Disposed() : value;
    }

    /// <summary>Sequences that are computed; from any thread.</summary>
    public int RunningCount => Volatile.Read(ref _runningCount);

    /// <summary>Sequences that wait for memory; from any thread.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Sequences that are not computed further until their readers read on; from any thread.</summary>
    public int StalledCount => _readers.StalledCount;

    /// <summary>Sequences that were ended because their readers did not come, or were collected; from any thread.</summary>
    public long AbandonedCount => Interlocked.Read(ref _abandonedCount);

    /// <summary>Computes a sequence from now on, until it is finished, fails or is cancelled.</summary>
    /// <exception cref="ObjectDisposedException">The scheduler is disposed.</exception>
    /// <exception cref="LlamaBusyException">Too many sequences wait.</exception>
    public void Start(Sequence sequence)
    {
        _waiting.Add(sequence);
        _wake.Release();
    }

    /// <summary>Drops a sequence, now if it waits, else between two layers; whoever reads it is told nothing.</summary>
    public void Cancel(Sequence sequence)
    {
        sequence.Cancel();
        _waiting.Remove(sequence);
        _wake.Release();
    }

    /// <summary>Drops a sequence because its token is cancelled.</summary>
    public void Abort(Sequence sequence, CancellationToken cancellationToken)
    {
        // Told to the caller before the scheduler, whose own exception would not name the token.
        sequence.Fail(new OperationCanceledException(cancellationToken));
        Cancel(sequence);
    }

    /// <summary>Drops a sequence that nobody can read any more.</summary>
    public void Abandon(Sequence sequence)
    {
        CancelAsAbandoned(sequence);
        _waiting.Remove(sequence);
        _wake.Release();
    }

    /// <summary>Says that a sequence may have become ready.</summary>
    public void Wake() => _wake.Release();

    /// <summary>Ends all sequences with <see cref="ObjectDisposedException"/> and waits for the thread.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Release();
        _thread.Join();
    }

    /// <summary>What becomes of sequences when the scheduler is disposed.</summary>
    internal static ObjectDisposedException Disposed() => new(nameof(LlamaModel), "The model was disposed; its generations end here.");

    private void Run()
    {
        while (true)
        {
            ForgetWakes();
            // After the wakes: the one that says so may have been among them.
            if (_isStopping)
            {
                break;
            }

            DropEnded();
            DropIdle();
            StartWaiting();
            bool hasWork = TryFillBatch();
            _readers.Watch(_running);
            if (!hasWork)
            {
                _wake.Wait();
                continue;
            }

            ApplyThreadCount();
            try
            {
                long start = _timeProvider.GetTimestamp();
                if (_transformer.Forward(_batch, _state, _isPassCancelled))
                {
                    _pacing.Add(_promptTokenCount, _isDecoding, _timeProvider.GetElapsedTime(start));
                    CompleteBatch();
                }
            }
            catch (Exception exception)
            {
                FailBatch(exception);
            }
        }

        foreach (Sequence sequence in (Sequence[])[.. _waiting.Close(), .. _running])
        {
            Drop(sequence, Disposed());
        }

        _readers.Dispose();
        _memory.Dispose();
        _state.Dispose();
    }

    // What they said is looked at now; whoever wakes from here on is heard by the next wait.
    private void ForgetWakes()
    {
        while (_wake.Wait(0))
        {
        }
    }

    private void DropEnded()
    {
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (_running[i].IsFinished || _running[i].IsCancelled)
            {
                Drop(_running[i], new OperationCanceledException());
            }
        }
    }

    private void DropIdle()
    {
        if (!_readers.TakeDue())
        {
            return;
        }

        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (_readers.IsIdle(_running[i]))
            {
                CancelAsAbandoned(_running[i]);
                Drop(_running[i], new ReaderIdleException(_readers.Limit));
            }
        }
    }

    // The scheduler, the garbage collector and the sequence's token may end a sequence at the same moment: it counts if this came first.
    private void CancelAsAbandoned(Sequence sequence)
    {
        if (sequence.Cancel() && !sequence.IsFinished)
        {
            Interlocked.Increment(ref _abandonedCount);
        }
    }

    // To a finished sequence the exception means nothing.
    private void Drop(Sequence sequence, Exception exception)
    {
        if (_running.Remove(sequence))
        {
            Volatile.Write(ref _runningCount, _running.Count);
        }
        else
        {
            _waiting.Remove(sequence);
        }

        _suspects.Remove(sequence);
        sequence.Cancel();
        // The memory first: whoever learns of the end may start anew.
        sequence.Stop();
        sequence.Fail(exception);
    }

    // In the order of arrival: a large one is not passed by small ones for ever.
    private void StartWaiting()
    {
        while (_running.Count < MaxRunningCount && _waiting.First is { } sequence)
        {
            try
            {
                if (!sequence.TryStart(_memory))
                {
                    if (_running.Count > 0)
                    {
                        return;
                    }

                    throw _memory.Refused(sequence.Capacity);
                }
            }
            catch (Exception exception)
            {
                // Its own fault alone: no memory, for whatever.
                Drop(sequence, exception);
                continue;
            }

            // It may be cancelled meanwhile, and is then dropped as those that run are.
            _waiting.Remove(sequence);
            _running.Add(sequence);
            Volatile.Write(ref _runningCount, _running.Count);
        }
    }

    private bool TryFillBatch()
    {
        _batch.Clear();
        _inBatch.Clear();
        int decodingCount = 0;
        if (_suspects.Count > 0)
        {
            AddToBatch(_suspects[0], _batch.Capacity);
        }
        else
        {
            AddReady(decoding: true, _batch.Capacity, ref _decodeTurn);
            decodingCount = _batch.Count;
            int capacity = decodingCount == 0 ? _batch.Capacity
                : _pacing.NeedsDecodeTime ? 0
                : (int)Math.Min(_batch.Capacity, _pacing.BatchLimit(decodingCount));
            AddReady(decoding: false, capacity, ref _promptTurn);
        }

        _isDecoding = decodingCount > 0;
        _promptTokenCount = _batch.Count - decodingCount;
        DropFailed();
        return _batch.Count > 0;
    }

    // Where not all find room, the next pass goes on with the sequence after the last that did.
    private void AddReady(bool decoding, int capacity, ref int turn)
    {
        int first = turn;
        for (int i = 0; i < _running.Count && _batch.Count < capacity; i++)
        {
            int index = (first + i) % _running.Count;
            Sequence sequence = _running[index];
            if (sequence.IsReady && sequence.PendingCount == 1 == decoding)
            {
                if (!decoding)
                {
                    sequence.Reuse();
                    if (IsComputedInBatch(sequence))
                    {
                        continue;
                    }
                }

                if (AddToBatch(sequence, capacity))
                {
                    turn = index + 1;
                }
            }
        }
    }

    private void DropFailed()
    {
        if (_failed.Count > 0)
        {
            // What they had may be what others wait for.
            _wake.Release();
        }

        foreach ((Sequence sequence, LlamaMemoryException exception) in _failed)
        {
            Drop(sequence, exception);
        }

        _failed.Clear();
    }

    private bool AddToBatch(Sequence sequence, int capacity)
    {
        int logitsRow = _batch.LogitsCount;
        try
        {
            int count = sequence.AddTo(_batch, capacity, _state.LogitsCapacity);
            if (count > 0)
            {
                _inBatch.Add((sequence, count, logitsRow));
            }

            return count > 0;
        }
        catch (LlamaMemoryException exception)
        {
            // The machine has no more memory, although it once had.
            _failed.Add((sequence, exception));
            return false;
        }
    }

    private bool IsComputedInBatch(Sequence sequence)
    {
        foreach ((Sequence other, int count, _) in _inBatch)
        {
            if (sequence.Awaits(other, count))
            {
                return true;
            }
        }

        return false;
    }

    private void ApplyThreadCount()
    {
        int count = _threadCount;
        if (count == _pool.ThreadCount)
        {
            return;
        }

        try
        {
            // Memory first: no thread is ever without.
            _state.SetThreadCount(Math.Max(count, _pool.ThreadCount));
            _pool.SetThreadCount(count);
            _state.SetThreadCount(count);
        }
        catch (Exception)
        {
            // No sequence is at fault, so none fails: the pass goes on with the threads that there are, and ThreadCount tells how many.
            _state.SetThreadCount(_pool.ThreadCount);
            Interlocked.CompareExchange(ref _threadCount, _pool.ThreadCount, count);
        }
    }

    private void CompleteBatch()
    {
        foreach ((Sequence sequence, int count, int logitsRow) in _inBatch)
        {
            _suspects.Remove(sequence);
            try
            {
                sequence.Complete(count, _state, logitsRow);
            }
            catch (Exception exception)
            {
                // The sequence's own fault, such as logits that are not numbers.
                Drop(sequence, exception);
            }
        }
    }

    // Of many sequences one may be the cause, as when its activations overflow: all of them are computed again, each by itself.
    private void FailBatch(Exception exception)
    {
        if (_inBatch is [var (only, _, _)])
        {
            Drop(only, exception);
            return;
        }

        foreach ((Sequence sequence, _, _) in _inBatch)
        {
            _suspects.Add(sequence);
        }
    }

    // A pass goes on while any of its sequences is wanted.
    private bool IsPassCancelled()
    {
        if (_isStopping)
        {
            return true;
        }

        foreach ((Sequence sequence, _, _) in _inBatch)
        {
            if (!sequence.IsCancelled)
            {
                return false;
            }
        }

        return true;
    }
}
