using Llama2.Model;
using Llama2.Threading;

namespace Llama2.Generation;

/// <summary>
/// The one thread that computes with a model. It batches the next tokens of all running sequences, so that the weights are read once for
/// all of them (continuous batching, Yu et al. 2022, "Orca"), first those that decode, then prompts in what room is left.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    private readonly LlamaTransformer _transformer;
    private readonly InferenceState _state;
    private readonly WorkerPool _pool;
    private readonly Batch _batch;
    private readonly Thread _thread;
    private readonly Func<bool> _isPassCancelled;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly List<Sequence> _arrived = [];
    private readonly List<Sequence> _running = [];
    private readonly List<(Sequence Sequence, int Count, int LogitsRow)> _inBatch = [];
    private int _turn;
    private volatile int _threadCount;
    private volatile bool _isStopping;

    /// <summary>Starts the thread, which owns <paramref name="state"/> from now on, and alone uses <paramref name="pool"/>.</summary>
    public Scheduler(LlamaTransformer transformer, InferenceState state, WorkerPool pool)
    {
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

    /// <summary>Computes a sequence from now on, until it is finished, fails or is cancelled; then disposes it.</summary>
    /// <exception cref="ObjectDisposedException">The scheduler is disposed; so is the sequence.</exception>
    public void Start(Sequence sequence)
    {
        lock (_gate)
        {
            if (!_isStopping)
            {
                _arrived.Add(sequence);
                _wake.Release();
                return;
            }
        }

        sequence.Dispose();
        throw Disposed();
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
            DropEnded();
            if (!TryFillBatch())
            {
                _wake.Wait();
                continue;
            }

            try
            {
                ApplyThreadCount();
                if (_transformer.Forward(_batch, _state, _isPassCancelled))
                {
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
        while (_running.Count > 0)
        {
            Drop(_running[^1], Disposed());
        }

        _state.Dispose();
    }

    private void TakeArrived()
    {
        lock (_gate)
        {
            _running.AddRange(_arrived);
            _arrived.Clear();
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

    // To a finished sequence the exception means nothing.
    private void Drop(Sequence sequence, Exception exception)
    {
        _running.Remove(sequence);
        sequence.Fail(exception);
        sequence.Dispose();
    }

    private bool TryFillBatch()
    {
        _batch.Clear();
        _inBatch.Clear();
        // Each pass begins with another sequence, so that all have their turn where not all find room.
        _turn++;
        AddReady(decoding: true);
        AddReady(decoding: false);
        return _batch.Count > 0;
    }

    private void AddReady(bool decoding)
    {
        for (int i = 0; i < _running.Count; i++)
        {
            Sequence sequence = _running[(int)((uint)(i + _turn) % (uint)_running.Count)];
            if (sequence.IsReady && sequence.PendingCount == 1 == decoding)
            {
                int logitsRow = _batch.LogitsCount;
                int count = sequence.AddTo(_batch, _state.LogitsCapacity);
                if (count > 0)
                {
                    _inBatch.Add((sequence, count, logitsRow));
                }
            }
        }
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
