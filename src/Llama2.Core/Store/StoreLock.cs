namespace Llama2.Store;

/// <summary>
/// A lock that keeps other processes, and other threads of this process, from changing a model at the same time. The lock is held as long as its file
/// is open, so it is released even if the process is killed. The file is never deleted: otherwise two processes could hold the lock at the same time,
/// each through a different file of the same name.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Waits until the lock is free, and takes it.</summary>
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

    /// <summary>Takes the lock; returns null if another process or thread holds it.</summary>
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

    // On Windows ERROR_SHARING_VIOLATION (32) and ERROR_LOCK_VIOLATION (33); otherwise EWOULDBLOCK, which is 11 on Linux, and 35 on macOS and BSD.
    // Any other error is permanent.
    private static bool IsHeldElsewhere(IOException exception) =>
        OperatingSystem.IsWindows() ? (exception.HResult & 0xFFFF) is 32 or 33 : exception.HResult is 11 or 35;
}
