using System.Runtime.CompilerServices;

namespace Llama2.Generation;

/// <summary>
/// Computes a scheduler's steps on the threads of the callers that wait for results: a caller that waits computes the next step, unless another
/// caller is computing one. This way a process with one thread, such as a browser, can generate. Nothing is computed, ended or freed while no caller
/// waits. After each step the waiting caller yields, so that other work on its thread can run.
/// </summary>
internal sealed class PumpDriver(Scheduler scheduler) : IDriver
{
    private readonly Lock _turn = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _change;
    private long _changeCount;

    public void Wake() => Announce();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync(ValueTask<bool> result)
    {
        while (!result.IsCompleted)
        {
            long seen = Volatile.Read(ref _changeCount);
            await (TryStep(ref seen) ? Yield() : ChangeAfter(seen)).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        return await result.ConfigureAwait(false);
    }

    public async Task<T> WaitAsync<T>(Task<T> result)
    {
        while (!result.IsCompleted)
        {
            long seen = Volatile.Read(ref _changeCount);
            // A cancellation may complete the result without a call of the method Announce, so the result is awaited as well.
            await (TryStep(ref seen) ? Yield() : Task.WhenAny(ChangeAfter(seen), result)).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        return await result.ConfigureAwait(false);
    }

    /// <summary>Waits for the step in progress, and closes the scheduler.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            scheduler.Close();
        }

        Announce();
    }

    // The caller awaits the task with ForceYielding, which yields even though the task is completed. Unlike Task.Yield, ForceYielding does not make
    // the caller continue on the thread of a user interface.
    private static Task Yield() => Task.CompletedTask;

    // Returns whether there is more to compute. If not, `seen` becomes the current number of changes, so that any later change ends the wait.
    private bool TryStep(ref long seen)
    {
        if (!_turn.TryEnter())
        {
            return false;
        }

        bool hasMore;
        try
        {
            hasMore = !scheduler.IsStopping && scheduler.Step();
        }
        finally
        {
            _turn.Exit();
            // Other callers may be waiting for results of this step.
            Announce();
        }

        seen++;
        return hasMore;
    }

    private void Announce()
    {
        TaskCompletionSource? change;
        lock (_gate)
        {
            _changeCount++;
            (change, _change) = (_change, null);
        }

        change?.SetResult();
    }

    private Task ChangeAfter(long seen)
    {
        lock (_gate)
        {
            return _changeCount != seen ? Task.CompletedTask : (_change ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
