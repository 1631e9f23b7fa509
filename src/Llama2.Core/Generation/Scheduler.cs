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
    // As many as a pass has tokens: more would only take turns.
    private const int MaxRunningCount = 256;
    private readonly LlamaTransformer _transformer;
    private readonly InferenceState _state;
    private readonly WorkerPool _pool;
    private readonly KeyValuePool _memory;
    private readonly TimeProvider _timeProvider;
    private readonly int _maxWaitingCount;
    private readonly PromptPacing _pacing = new();
    private readonly Batch _batch;
    private readonly Thread _thread;
    private readonly Func<bool> _isPassCancelled;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly List<Sequence> _arrived = [];
    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];
    private readonly List<(Sequence Sequence, int Count, int LogitsRow)> _inBatch = [];
    private readonly List<(Sequence Sequence, LlamaMemoryException Exception)> _failed = [];
    private int _turn;
    private int _waitingCount;
    private int _runningCount;
    private int _promptTokenCount;
    private bool _isDecoding;
    private volatile int _threadCount;
    private volatile bool _isStopping;

    /// <summary>Starts the thread, which owns <paramref name="state"/> and <paramref name="memory"/> from now on, and alone uses <paramref name="pool"/>.</summary>
    /// <param name="transformer">The model.</param>
    /// <param name="state">Scratch memory of a pass.</param>
    /// <param name="memory">Keys and values.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="maxWaitingCount">Sequences that may wait.</param>
    /// <param name="timeProvider">The clock.</param>
    public Scheduler(LlamaTransformer transformer, InferenceState state, KeyValuePool memory, WorkerPool pool, int maxWaitingCount, TimeProvider timeProvider)
    {
        _memory = memory;
        _maxWaitingCount = maxWaitingCount;
        _timeProvider = timeProvider;
        _transformer = transformer;
        _state = state;
        _pool = pool;
        _threadCount = pool.ThreadCount;
        _batch = new Batch(state.TokenCapacity);
        _isPassCancelled = IsPassCancelled;
        _thread = new Thread(Run) { IsBackground = true, Name = "Llama2 scheduler" };
        // Without the caller's execution context, which would live as long as the thread.
        _thread.UnsafeStart();
    }

    /// <summary>Threads that compute; set from any thread, for the next pass on.</summary>
    /// <exception cref="ObjectDisposedException">Set after the scheduler is disposed.</exception>
    public int ThreadCount
    {
        get => _threadCount;
        set
        {
            lock (_gate)
            {
                _threadCount = _isStopping ? throw Disposed() : value;
            }
        }
    }

    /// <summary>Sequences that are computed; from any thread.</summary>
    public int RunningCount => Volatile.Read(ref _runningCount);

    /// <summary>Sequences that wait for memory; from any thread.</summary>
    public int WaitingCount => Volatile.Read(ref _waitingCount);

    /// <summary>Computes a sequence from now on, until it is finished, fails or is cancelled.</summary>
    /// <exception cref="ObjectDisposedException">The scheduler, or an adapter of the sequence, is disposed.</exception>
    /// <exception cref="LlamaBusyException">Too many sequences wait.</exception>
    public void Start(Sequence sequence)
    {
        lock (_gate)
        {
            if (_isStopping)
            {
                throw Disposed();
            }

            if (_waitingCount >= _maxWaitingCount)
            {
                throw new LlamaBusyException(_waitingCount);
            }

            sequence.AcquireAdapters();
            _waitingCount++;
            _arrived.Add(sequence);
        }

        _wake.Release();
    }

    /// <summary>Says that a sequence may have become ready or cancelled.</summary>
    public void Wake() => _wake.Release();

    /// <summary>Ends all sequences with <see cref="ObjectDisposedException"/> and waits for the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
        }

        _wake.Release();
        _thread.Join();
    }

    private static ObjectDisposedException Disposed() => new(nameof(LlamaModel), "The model was disposed; its generations end here.");

    private void Run()
    {
        while (!_isStopping)
        {
            TakeArrived();
            DropEnded(_waiting);
            DropEnded(_running);
            StartWaiting();
            if (!TryFillBatch())
            {
                _wake.Wait();
                continue;
            }

            try
            {
                ApplyThreadCount();
                long start = _timeProvider.GetTimestamp();
                if (_transformer.Forward(_batch, _state, _isPassCancelled))
                {
                    _pacing.Add(_promptTokenCount, _isDecoding, _timeProvider.GetElapsedTime(start));
                    CompleteBatch();
                }
            }
            catch (Exception exception)
            {
                // Whatever failed, failed for the sequences of this batch; the next batch starts afresh.
                foreach ((Sequence sequence, _, _) in _inBatch)
                {
                    Drop(sequence, exception);
                }
            }
        }

        TakeArrived();
        foreach (List<Sequence> sequences in (List<Sequence>[])[_waiting, _running])
        {
            while (sequences.Count > 0)
            {
                Drop(sequences[^1], Disposed());
            }
        }

        _memory.Dispose();
        _state.Dispose();
    }

    private void TakeArrived()
    {
        lock (_gate)
        {
            _waiting.AddRange(_arrived);
            _arrived.Clear();
        }
    }

    private void DropEnded(List<Sequence> sequences)
    {
        for (int i = sequences.Count - 1; i >= 0; i--)
        {
            if (sequences[i].IsFinished || sequences[i].IsCancelled)
            {
                Drop(sequences[i], new OperationCanceledException());
            }
        }
    }

    // To a finished sequence the exception means nothing.
    private void Drop(Sequence sequence, Exception exception)
    {
        if (_running.Remove(sequence))
        {
            Volatile.Write(ref _runningCount, _running.Count);
        }
        else if (_waiting.Remove(sequence))
        {
            Interlocked.Decrement(ref _waitingCount);
        }

        // The memory first: whoever learns of the end may start anew.
        sequence.Stop();
        sequence.Fail(exception);
    }

    // In the order of arrival: a large one is not passed by small ones for ever.
    private void StartWaiting()
    {
        while (_waiting.Count > 0 && _running.Count < MaxRunningCount)
        {
            Sequence sequence = _waiting[0];
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
            catch (LlamaMemoryException exception)
            {
                Drop(sequence, exception);
                continue;
            }

            _waiting.RemoveAt(0);
            Interlocked.Decrement(ref _waitingCount);
            _running.Add(sequence);
            Volatile.Write(ref _runningCount, _running.Count);
        }
    }

    private bool TryFillBatch()
    {
        _batch.Clear();
        _inBatch.Clear();
        // Each pass begins with another sequence, so that all have their turn where not all find room.
        _turn++;
        AddReady(decoding: true, _batch.Capacity);
        int decodingCount = _batch.Count;
        _isDecoding = decodingCount > 0;
        if (!_isDecoding)
        {
            AddReady(decoding: false, _batch.Capacity);
        }
        else if (!_pacing.NeedsDecodeTime)
        {
            AddReady(decoding: false, (int)Math.Min(_batch.Capacity, (long)decodingCount + _pacing.TokenLimit));
        }

        DropFailed();
        _promptTokenCount = _batch.Count - decodingCount;
        return _batch.Count > 0;
    }

    private void AddReady(bool decoding, int capacity)
    {
        for (int i = 0; i < _running.Count; i++)
        {
            Sequence sequence = _running[(int)((uint)(i + _turn) % (uint)_running.Count)];
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

                AddToBatch(sequence, capacity);
            }
        }
    }

    private void DropFailed()
    {
        foreach ((Sequence sequence, LlamaMemoryException exception) in _failed)
        {
            Drop(sequence, exception);
        }

        _failed.Clear();
    }

    private void AddToBatch(Sequence sequence, int capacity)
    {
        int logitsRow = _batch.LogitsCount;
        try
        {
            int count = sequence.AddTo(_batch, capacity, _state.LogitsCapacity);
            if (count > 0)
            {
                _inBatch.Add((sequence, count, logitsRow));
            }
        }
        catch (LlamaMemoryException exception)
        {
            // The machine has no more memory, although it once had.
            _failed.Add((sequence, exception));
        }
    }

    private bool IsComputedInBatch(Sequence sequence)
    {
        foreach ((Sequence other, _, _) in _inBatch)
        {
            if (sequence.Awaits(other))
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
        catch
        {
            // The next pass goes on with the threads that there are.
            Interlocked.CompareExchange(ref _threadCount, _pool.ThreadCount, count);
            throw;
        }
    }

    private void CompleteBatch()
    {
        foreach ((Sequence sequence, int count, int logitsRow) in _inBatch)
        {
            try
            {
                sequence.Complete(count, _state, logitsRow);
            }
            catch (LlamaException exception)
            {
                // The sequence's own fault, such as logits that are not numbers.
                Drop(sequence, exception);
            }
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
