using Llama2.Threading;

namespace Llama2.Generation;

/// <summary>Computes a scheduler's steps on a separate thread, which sleeps while there is nothing to compute.</summary>
internal sealed class ThreadDriver : IDriver
{
    private readonly Scheduler _scheduler;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Thread _thread;

    /// <exception cref="LlamaThreadException">The system refuses the thread.</exception>
    public ThreadDriver(Scheduler scheduler)
    {
        _scheduler = scheduler;
        _thread = BackgroundThread.Start(Run, "Llama2 scheduler");
    }

    public void Wake() => _wake.Release();

    public ValueTask<bool> WaitAsync(ValueTask<bool> result) => result;

    public Task<T> WaitAsync<T>(Task<T> result) => result;

    /// <summary>Waits until the thread has closed the scheduler.</summary>
    public void Dispose()
    {
        _wake.Release();
        _thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            // Earlier calls of the method Wake are forgotten before the step reads any state. A later call is therefore not lost: it ends the next
            // wait.
            ForgetWakes();
            if (_scheduler.IsStopping)
            {
                break;
            }

            if (!_scheduler.Step())
            {
                _wake.Wait();
            }
        }

        _scheduler.Close();
    }

    private void ForgetWakes()
    {
        while (_wake.Wait(0))
        {
        }
    }
}
