namespace Llama2.Generation;

/// <summary>
/// A bounded queue of sequences that wait for memory, in the order of their arrival. Any thread may add and remove sequences; the scheduler starts
/// the first one. A sequence takes a place in the queue until it is removed.
/// </summary>
internal sealed class WaitingQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly List<Sequence> _sequences = [];
    private bool _isClosed;

    /// <summary>The number of waiting sequences.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sequences.Count;
            }
        }
    }

    /// <summary>The sequence that has waited longest; null if none waits.</summary>
    public Sequence? First
    {
        get
        {
            lock (_gate)
            {
                return _sequences is [Sequence first, ..] ? first : null;
            }
        }
    }

    /// <summary>Adds a sequence at the end.</summary>
    /// <exception cref="ObjectDisposedException">The queue is closed.</exception>
    /// <exception cref="LlamaBusyException">Too many sequences wait.</exception>
    public void Add(Sequence sequence)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                throw Scheduler.Disposed();
            }

            if (_sequences.Count >= capacity)
            {
                throw new LlamaBusyException(_sequences.Count);
            }

            _sequences.Add(sequence);
        }
    }

    /// <summary>Removes a sequence if it is still waiting.</summary>
    public void Remove(Sequence sequence)
    {
        lock (_gate)
        {
            _sequences.Remove(sequence);
        }
    }

    /// <summary>Closes the queue to further sequences, and returns those that wait.</summary>
    public Sequence[] Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Sequence[] rest = [.. _sequences];
            _sequences.Clear();
            return rest;
        }
    }
}
