using Llama2.Model;
using Llama2.Speculation;

namespace Llama2.Generation;

/// <summary>
/// Computes sequences with a model, step by step: each step batches the next tokens of all running sequences, so that the weights are read once for
/// all of them (continuous batching, Yu et al. 2022, "Orca"). Sequences that decode are computed first, then prompts as far as the batch has room. If
/// there is no memory for a sequence, it waits; sequences start in the order of their arrival. The scheduler has no thread of its own: its
/// <see cref="IDriver"/> decides which thread computes the steps.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    // The maximum number of tokens in a pass. Each sequence takes at least one token, so a pass cannot compute more sequences than that: if more
    // sequences ran, they would only take turns.
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
    private readonly DraftRound? _drafts;
    private readonly List<Sequence> _running = [];
    private int _runningCount;
    private long _abandonedCount;
    private volatile bool _isStopping;

    /// <summary>Takes ownership of <paramref name="state"/>, <paramref name="memory"/> and <paramref name="draftModel"/>.</summary>
    /// <param name="model">Computes the batches.</param>
    /// <param name="state">Scratch memory of a pass.</param>
    /// <param name="memory">Keys and values.</param>
    /// <param name="runtime">The threads that compute, and the clock.</param>
    /// <param name="maxWaitingCount">The maximum number of waiting sequences.</param>
    /// <param name="readerIdleLimit">The maximum time that a sequence may wait for its reader; <see cref="Timeout.InfiniteTimeSpan"/> for no
    /// limit.</param>
    /// <param name="draftModel">guesses the next tokens of the sequences that use a draft model; null for no draft model.</param>
    /// <param name="onDraftModelFault">Called with the first failure of the draft model.</param>
    /// <exception cref="LlamaThreadException">The system refuses the driver's thread.</exception>
    public Scheduler(
        IForwardPass model, InferenceState state, KeyValuePool memory, LlamaRuntime runtime, int maxWaitingCount, TimeSpan readerIdleLimit, DraftModel? draftModel = null,
        Action<Exception>? onDraftModelFault = null)
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
        _drafts = draftModel is null ? null : new DraftRound(draftModel, runtime, () => _isStopping, onDraftModelFault);
        // The driver is created last, because it may compute a step immediately; that step finds nothing to do.
        _driver = runtime.UsesCallingThreads ? new PumpDriver(this) : new ThreadDriver(this);
    }

    /// <summary>The number of sequences that are running. May be called from any thread.</summary>
    public int RunningCount => Volatile.Read(ref _runningCount);

    /// <summary>The number of sequences that wait for memory. May be called from any thread.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>The number of running sequences that are paused until their readers continue. May be called from any thread.</summary>
    public int StalledCount => _readers.StalledCount;

    /// <summary>The number of sequences that were ended because their reader stopped reading or was garbage-collected. May be called from any thread.</summary>
    public long AbandonedCount => Interlocked.Read(ref _abandonedCount);

    /// <summary>Adds a sequence, which is computed until it is finished, fails or is cancelled.</summary>
    /// <exception cref="ObjectDisposedException">The scheduler is disposed.</exception>
    /// <exception cref="LlamaBusyException">Too many sequences wait.</exception>
    public void Start(Sequence sequence)
    {
        _waiting.Add(sequence);
        _driver.Wake();
    }

    /// <summary>Drops a sequence: immediately if it is waiting, otherwise between two layers of the pass. Its reader gets no exception.</summary>
    public void Cancel(Sequence sequence)
    {
        sequence.Cancel();
        _waiting.Remove(sequence);
        _driver.Wake();
    }

    /// <summary>Drops a sequence because its cancellation token is cancelled.</summary>
    public void Abort(Sequence sequence, CancellationToken cancellationToken)
    {
        // The sequence must fail before the scheduler drops it, because the scheduler's exception would not name the cancellation token.
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

    /// <summary>Signals that a sequence may have become ready.</summary>
    public void Wake() => _driver.Wake();

    /// <inheritdoc cref="IDriver.WaitAsync(ValueTask{bool})"/>
    public ValueTask<bool> WaitAsync(ValueTask<bool> result) => _driver.WaitAsync(result);

    /// <inheritdoc cref="IDriver.WaitAsync{T}(Task{T})"/>
    public Task<T> WaitAsync<T>(Task<T> result) => _driver.WaitAsync(result);

    /// <summary>Whether the driver must stop computing steps. May be called from any thread.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Ends all sequences with <see cref="ObjectDisposedException"/>, and waits for the step in progress.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _driver.Dispose();
    }

    /// <summary>Fills a batch, computes it, and hands the results to its sequences. Called by the driver, never by two threads at the same time.</summary>
    /// <returns>Whether there may be more to compute. If false, there is nothing to do until the driver is woken.</returns>
    public bool Step()
    {
        DropEnded();
        DropIdle();
        StartWaiting();
        _planner.Foresee(_running);
        _drafts?.Run(_running, _planner.Forecast);
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

        // Sequences that needed more memory and did not get it have been dropped. Other sequences may be waiting for the memory that the dropped sequences have
        // released.
        return _planner.Refused.Count > 0;
    }

    /// <summary>Ends all sequences, and frees the memory. The driver calls this method instead of the next step.</summary>
    public void Close()
    {
        foreach (Sequence sequence in (Sequence[])[.. _waiting.Close(), .. _running])
        {
            Drop(sequence, Disposed());
        }

        _readers.Dispose();
        _memory.Dispose();
        _state.Dispose();
        _drafts?.Dispose();
    }

    /// <summary>The exception of sequences that are ended because the scheduler is disposed.</summary>
    internal static ObjectDisposedException Disposed() => new(nameof(LlamaModel), "The model was disposed; its generations end here.");

    // The models of a runtime compute their passes one after the other, because each pass uses all threads of the runtime.
    private void Compute()
    {
        using LlamaRuntime.Turn turn = _runtime.WaitForTurn();
        try
        {
            // If the runtime was disposed, the method Adjust throws an exception, as the method Forward would.
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

    // The scheduler, the garbage collector and the sequence's cancellation token may end a sequence at the same moment. The sequence counts as
    // abandoned only if this call was the first to end it.
    private void CancelAsAbandoned(Sequence sequence)
    {
        if (sequence.Cancel() && !sequence.IsFinished)
        {
            Interlocked.Increment(ref _abandonedCount);
        }
    }

    // A finished sequence ignores the exception.
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
        // The memory is released first, because a caller that is notified of the end may start another sequence at once.
        sequence.Stop();
        sequence.Fail(exception);
    }

    // Starts sequences in the order of their arrival, so that small sequences cannot keep overtaking a large one.
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
                // Only this sequence fails, whatever caused the exception.
                Drop(sequence, exception);
                continue;
            }

            // A sequence that was cancelled in the meantime is dropped like a running one.
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
        // If a guess may be the cause, the pass is repeated without guesses.
        if (_planner.Shares is [{ Sequence: { ComputedDraftCount: 0 } only }])
        {
            Drop(only, exception);
            return;
        }

        _planner.SuspectAll();
    }

    // A pass continues as long as at least one of its sequences is not cancelled.
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
