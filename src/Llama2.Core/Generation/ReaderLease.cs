namespace Llama2.Generation;

/// <summary>
/// Keeps a sequence running as long as it can be read. The sequence ends when the lease is disposed with the enumeration that reads the sequence, or
/// when the cancellation token is cancelled. If the enumeration was abandoned without being disposed, the sequence ends when the garbage collector
/// collects the lease. Neither the scheduler nor the cancellation token holds a reference to the lease.
/// </summary>
internal sealed class ReaderLease : IDisposable
{
    private readonly Scheduler _scheduler;
    private readonly Sequence _sequence;
    private readonly CancellationTokenRegistration _registration;

    /// <param name="scheduler">Computes the sequence.</param>
    /// <param name="sequence">A sequence that was started.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    public ReaderLease(Scheduler scheduler, Sequence sequence, CancellationToken cancellationToken)
    {
        _scheduler = scheduler;
        _sequence = sequence;
        _registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                (Scheduler scheduler, Sequence sequence) = ((Scheduler, Sequence))state!;
                scheduler.Abort(sequence, token);
            },
            (scheduler, sequence));
    }

    ~ReaderLease()
    {
        _registration.Unregister();
        _scheduler.Abandon(_sequence);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _registration.Dispose();
        // A caller that leaves the enumeration before its end does not need the rest of the text.
        _scheduler.Cancel(_sequence);
    }
}
