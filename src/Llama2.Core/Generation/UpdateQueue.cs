using System.Threading.Tasks.Sources;

namespace Llama2.Generation;

/// <summary>
/// A bounded queue of a generation's updates from the scheduler to the generation's only reader. Unlike .NET's channels it keeps no reference to a
/// reader that is not waiting at the moment. The garbage collector can therefore collect an abandoned reader while the scheduler still computes the
/// generation. Nothing is allocated after construction.
/// </summary>
/// <param name="capacity">The maximum number of updates in the queue.</param>
internal sealed class UpdateQueue(int capacity) : IValueTaskSource<bool>
{
    private readonly Lock _gate = new();
    private readonly GenerationUpdate[] _updates = new GenerationUpdate[capacity];
    private ManualResetValueTaskSourceCore<bool> _waiter = new() { RunContinuationsAsynchronously = true };
    private Exception? _exception;
    private int _first;
    private int _count;
    private bool _isWaiting;
    private bool _isCompleted;

    /// <summary>The number of updates that are not read yet.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Adds an update. Returns false if there is no room or the queue is completed.</summary>
    public bool TryWrite(GenerationUpdate update)
    {
        lock (_gate)
        {
            if (_isCompleted || _count == capacity)
            {
                return false;
            }

            _updates[(_first + _count++) % capacity] = update;
            if (!_isWaiting)
            {
                return true;
            }

            _isWaiting = false;
        }

        _waiter.SetResult(true);
        return true;
    }

    /// <summary>
    /// Ends the queue. After the remaining updates the reader gets the exception if there is one; otherwise, it sees the end of the queue. Only the
    /// first call has an effect.
    /// </summary>
    public void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_isCompleted)
            {
                return;
            }

            (_isCompleted, _exception) = (true, exception);
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        if (exception is null)
        {
            _waiter.SetResult(false);
        }
        else
        {
            _waiter.SetException(exception);
        }
    }

    /// <summary>Takes the next update, if there is one.</summary>
    public bool TryRead(out GenerationUpdate update)
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                update = default;
                return false;
            }

            update = _updates[_first];
            _updates[_first] = default;
            _first = (_first + 1) % capacity;
            _count--;
            return true;
        }
    }

    /// <summary>
    /// Waits for an update. Returns true when there is an update, and false at the end of the queue, or throws the queue's exception. One call at a
    /// time.
    /// </summary>
    public ValueTask<bool> WaitToReadAsync()
    {
        lock (_gate)
        {
            if (_count > 0)
            {
                return new(true);
            }

            if (_isCompleted)
            {
                return _exception is null ? new(false) : ValueTask.FromException<bool>(_exception);
            }

            _isWaiting = true;
            return new(this, _waiter.Version);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        try
        {
            return _waiter.GetResult(token);
        }
        finally
        {
            // Forgets the reader's continuation.
            _waiter.Reset();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _waiter.OnCompleted(continuation, state, token, flags);
}
