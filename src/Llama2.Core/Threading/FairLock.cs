namespace Llama2.Threading;

/// <summary>A lock that threads obtain in the order in which they request it, so that two threads which request it repeatedly take turns.</summary>
internal sealed class FairLock
{
    private readonly object _gate = new();
    private long _nextTicket;
    private long _servedTicket;

    /// <summary>
    /// Waits for the lock, which is not recursive. If the thread is interrupted while it waits, it continues to wait, and the interruption takes
    /// effect when the thread has the lock.
    /// </summary>
    public void Enter()
    {
        bool isInterrupted = false;
        lock (_gate)
        {
            long ticket = _nextTicket++;
            while (ticket != _servedTicket)
            {
                try
                {
                    Monitor.Wait(_gate);
                }
                catch (ThreadInterruptedException)
                {
                    // The thread continues to wait: if it left without being served, its ticket would block all later tickets.
                    isInterrupted = true;
                }
            }
        }

        if (isInterrupted)
        {
            Thread.CurrentThread.Interrupt();
        }
    }

    /// <summary>Releases the lock to the next waiting thread.</summary>
    public void Exit()
    {
        lock (_gate)
        {
            _servedTicket++;
            Monitor.PulseAll(_gate);
        }
    }
}
