namespace Llama2.Generation;

/// <summary>
/// Sequences that wait for memory, in the order of their arrival, up to a number of them. Any thread adds and removes; the scheduler starts
/// the first. One that is removed counts no more from that moment.
/// </summary>
internal sealed class WaitingQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly List<Sequence> _sequences = [];
    private bool _isClosed;

    /// <summary>Sequences that wait.</summary>
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

    /// <summary>The one that has waited longest; null if none waits.</summary>
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

    /// <summary>Adds a sequence as the last.</summary>
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

    /// <summary>Takes a sequence out, if it still waits.</summary>
    public void Remove(Sequence sequence)
    {
        lock (_gate)
        {
            _sequences.Remove(sequence);
        }
    }

    /// <summary>Takes no more sequences; returns those that wait.</summary>
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
