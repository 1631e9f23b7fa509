namespace Llama2.Generation;

/// <summary>
/// Decides which thread computes each step of a <see cref="Scheduler"/>; no two steps are computed at the same time. The scheduler creates its
/// driver; disposing the driver closes the scheduler. All members are thread-safe.
/// </summary>
internal interface IDriver : IDisposable
{
    /// <summary>Signals that there may be something to compute: a sequence was started, was cancelled, or has become ready.</summary>
    void Wake();

    /// <summary>Waits for a result of a sequence; throws the sequence's exception if the sequence fails.</summary>
    /// <param name="result">
    /// Completed by a step of the scheduler, or by the code that ends the sequence. That code then calls <see cref="Wake"/>.
    /// </param>
    ValueTask<bool> WaitAsync(ValueTask<bool> result);

    /// <summary>Waits for a result of a sequence; throws the sequence's exception if the sequence fails.</summary>
    /// <param name="result">Completed by a step of the scheduler or by any other code.</param>
    Task<T> WaitAsync<T>(Task<T> result);
}
