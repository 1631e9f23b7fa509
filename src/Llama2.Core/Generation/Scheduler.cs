using Llama2.Model;

namespace Llama2.Generation;

/// <summary>
/// Computes sequences with a model, step by step: each step batches the next tokens of all running sequences, so that the weights are read once
/// for all of them (continuous batching, Yu et al. 2022, "Orca"), first those that decode, then prompts in what room is left. Sequences for
/// which there is no memory wait in the order of their arrival. It has no thread: its <see cref="IDriver"/> says who computes the steps.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    // The most tokens that any pass has: even when each sequence takes one, more sequences would only take turns.
    private const int MaxRunningCount = PassCapacity.MaxTokenCount;
    private readonly IForwardPass _model;
    private readonly InferenceState _state;
    private readonly KeyValuePool _memory;
    private readonly LlamaRuntime _runtime;
    private readonly IDriver _driver;
    private readonly PassPlanner _planner;
    private readonly PassThreads _threads;
    private readonly Func<bool> _isPassCancelled;
    private readonly WaitingQueue _waiting;
    private readonly IdleReaderWatch _readers;
    private readonly List<Sequence> _running = [];
    private int _runningCount;
    private long _abandonedCount;
    private volatile bool _isStopping;

    /// <summary>Owns <paramref name="state"/> and <paramref name="memory"/> from now on.</summary>
    /// <param name="model">Computes the batches.</param>
    /// <param name="state">Scratch memory of a pass.</param>
    /// <param name="memory">Keys and values.</param>
    /// <param name="runtime">The threads that compute, and the clock.</param>
    /// <param name="maxWaitingCount">Sequences that may wait.</param>
    /// <param name="readerIdleLimit">How long a sequence may wait for its reader; infinite for ever.</param>
    /// <exception cref="LlamaThreadException">The system refuses the driver's thread.</exception>
    public Scheduler(IForwardPass model, InferenceState state, KeyValuePool memory, LlamaRuntime runtime, int maxWaitingCount, TimeSpan readerIdleLimit)
    {
        _model = model;
        _state = state;
        _memory = memory;
        _runtime = runtime;
        _planner = new PassPlanner(state);
        _threads = new PassThreads(runtime, state, state.Logits.Width);
        _waiting = new WaitingQueue(maxWaitingCount);
        _readers = new IdleReaderWatch(readerIdleLimit, runtime.TimeProvider, Wake);
        _isPassCancelled = IsPassCancelled;
        // The last: it may compute a step at once, which has nothing to do.
        _driver = runtime.UsesCallingThreads ? new PumpDriver(this) : new ThreadDriver(this);
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
        _driver.Wake();
    }

    /// <summary>Drops a sequence, now if it waits, else between two layers; its reader gets no exception.</summary>
    public void Cancel(Sequence sequence)
    {
        sequence.Cancel();
        _waiting.Remove(sequence);
        _driver.Wake();
    }

    /// <summary>Drops a sequence because its token is cancelled.</summary>
    public void Abort(Sequence sequence, CancellationToken cancellationToken)
    {
        // Before the scheduler drops it, since the scheduler's exception would not name the token.
        sequence.Fail(new OperationCanceledException(cancellationToken));
        Cancel(sequence);
    }

    /// <summary>Drops a sequence that nobody can read any more.</summary>
    public void Abandon(Sequence sequence)
    {
        CancelAsAbandoned(sequence);
        _waiting.Remove(sequence);
        _driver.Wake();
    }

    /// <summary>Says that a sequence may have become ready.</summary>
    public void Wake() => _driver.Wake();

    /// <inheritdoc cref="IDriver.WaitAsync(ValueTask{bool})"/>
    public ValueTask<bool> WaitAsync(ValueTask<bool> result) => _driver.WaitAsync(result);

    /// <inheritdoc cref="IDriver.WaitAsync{T}(Task{T})"/>
    public Task<T> WaitAsync<T>(Task<T> result) => _driver.WaitAsync(result);

    /// <summary>Whether the driver is to compute no more steps; from any thread.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Ends all sequences with <see cref="ObjectDisposedException"/>, and waits for the step that is computed.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _driver.Dispose();
    }

    /// <summary>Fills a batch, computes it, and gives the sequences what they wanted of it. The driver calls it, once at a time.</summary>
    /// <returns>Whether there may be more to compute; else a step has nothing to do until the driver is woken.</returns>
    public bool Step()
    {
        DropEnded();
        DropIdle();
        StartWaiting();
        _planner.Plan(_running);
        foreach ((Sequence sequence, LlamaMemoryException exception) in _planner.Refused)
        {
            Drop(sequence, exception);
        }

        _readers.Watch(_running);
        if (_planner.Shares.Count > 0)
        {
            Compute();
            return true;
        }

        // What was refused memory gave back what others may wait for.
        return _planner.Refused.Count > 0;
    }

    /// <summary>Ends all sequences, and frees the memory; the driver calls it instead of the next step.</summary>
    public void Close()
    {
        foreach (Sequence sequence in (Sequence[])[.. _waiting.Close(), .. _running])
        {
            Drop(sequence, Disposed());
        }

        _readers.Dispose();
        _memory.Dispose();
        _state.Dispose();
    }

    /// <summary>What becomes of sequences when the scheduler is disposed.</summary>
    internal static ObjectDisposedException Disposed() => new(nameof(LlamaModel), "The model was disposed; its generations end here.");

    // The models of a runtime compute their passes in turn: each pass uses all threads.
    private void Compute()
    {
        using LlamaRuntime.Turn turn = _runtime.WaitForTurn();
        try
        {
            // Fails if the runtime was disposed, as the pass does.
            _threads.Adjust();
            long start = _runtime.TimeProvider.GetTimestamp();
            if (_model.Forward(_planner.Batch, _state, _isPassCancelled))
            {
                _planner.Learn(_runtime.TimeProvider.GetElapsedTime(start));
                CompletePass();
            }
        }
        catch (Exception exception)
        {
            FailPass(exception);
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

        _planner.Clear(sequence);
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

    private void CompletePass()
    {
        _runtime.Workers.Run(new Delivery(_planner, _state, _threads), _planner.Shares.Count);
        foreach (PassPlanner.Share share in _planner.Shares)
        {
            _planner.Clear(share.Sequence);
            Exception? fault = share.Sequence.Fault;
            try
            {
                share.Sequence.Commit();
            }
            catch (Exception exception)
            {
                fault ??= exception;
            }

            if (fault is not null)
            {
                Drop(share.Sequence, fault);
            }
        }
    }

    private void FailPass(Exception exception)
    {
        if (_planner.Shares is [{ Sequence: var only }])
        {
            Drop(only, exception);
            return;
        }

        _planner.SuspectAll();
    }

    // A pass goes on while any of its sequences is wanted.
    private bool IsPassCancelled()
    {
        if (_isStopping)
        {
            return true;
        }

        foreach (PassPlanner.Share share in _planner.Shares)
        {
            if (!share.Sequence.IsCancelled)
            {
                return false;
            }
        }

        return true;
    }
}
