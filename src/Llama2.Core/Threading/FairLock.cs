namespace Llama2.Threading;

/// <summary>A lock that is given in the order in which it is asked for, so that of two threads which want it again and again each has it in turn.</summary>
internal sealed class FairLock
{
    private readonly object _gate = new();
    private long _nextTicket;
    private long _servedTicket;

    /// <summary>Waits for the lock; it is not recursive. A thread that is interrupted meanwhile is so when it has the lock.</summary>
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
                    // A ticket that is lost would keep all others waiting.
                    isInterrupted = true;
                }
            }
        }

        if (isInterrupted)
        {
            Thread.CurrentThread.Interrupt();
        }
    }

    /// <summary>Gives the lock to the next.</summary>
    public void Exit()
    {
        lock (_gate)
        {
            _servedTicket++;
            Monitor.PulseAll(_gate);
        }
    }
}
