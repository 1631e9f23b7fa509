namespace Llama2.Store;

/// <summary>
/// Keeps other processes, and other threads of this one, from changing a model at the same time. It is held by an open file, so that it is released
/// if the process dies. The file itself is kept: if it were deleted, two processes could hold different files as the same lock.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock, and takes it.</summary>
    /// <param name="path">The lock's file; its folder must exist.</param>
    /// <param name="timeProvider">The clock for the wait.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    public static async Task<StoreLock> AcquireAsync(string path, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryAcquire(path) is { } held)
                return held;
            await Task.Delay(s_poll, timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock; returns null if it is held elsewhere.</summary>
    public static StoreLock? TryAcquire(string path)
    {
        try
        {
            return new StoreLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException exception) when (IsHeldElsewhere(exception))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();

    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION; EWOULDBLOCK of Linux and of macOS and BSD. Any other error is permanent.
    private static bool IsHeldElsewhere(IOException exception) =>
        OperatingSystem.IsWindows() ? (exception.HResult & 0xFFFF) is 32 or 33 : exception.HResult is 11 or 35;
}
