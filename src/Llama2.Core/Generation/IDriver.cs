namespace Llama2.Generation;

/// <summary>
/// Decides which thread computes the steps of a <see cref="Scheduler"/>, one at a time. Made with the scheduler, which it closes when it is
/// disposed. All members are thread-safe.
/// </summary>
internal interface IDriver : IDisposable
{
    /// <summary>There may be something to compute: a sequence was started, cancelled, or has become ready.</summary>
    void Wake();

    /// <summary>Waits for what a sequence delivers, with the exception that it fails with.</summary>
    /// <param name="result">Completed by the scheduler's steps, or by whoever ends the sequence, who then calls <see cref="Wake"/>.</param>
    ValueTask<bool> WaitAsync(ValueTask<bool> result);

    /// <summary>Waits for what a sequence delivers, with the exception that it fails with.</summary>
    /// <param name="result">Completed by the scheduler's steps, or by anyone else.</param>
    Task<T> WaitAsync<T>(Task<T> result);
}
