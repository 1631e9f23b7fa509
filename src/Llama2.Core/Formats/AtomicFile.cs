namespace Llama2.Formats;

/// <summary>
/// A file that is there whole or not at all: it is written beside its place, brought to the disk, and renamed. Disposing an uncommitted one
/// removes what was written; what a killed process could not remove, the next that writes the file does.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string _path;

    /// <param name="path">The file to make or replace.</param>
    /// <param name="bufferByteSize">Bytes that are gathered before they are written.</param>
    /// <exception cref="IOException">It cannot be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public AtomicFile(string path, int bufferByteSize = 4096)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (IsDevice(path) || (new FileInfo(path).LinkTarget is { } target && IsDevice(target)))
            throw new IOException($"'{path}' is a device or a stream, which a file would replace; name a file.");
        _path = path;
        Stream = TemporaryFile.Create(path, bufferByteSize);
    }

    /// <summary>Where the content goes.</summary>
    public FileStream Stream { get; }

    /// <summary>Puts the file in its place, over one that may be there.</summary>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        // Renamed while it is open, and so locked: an unlocked one would be taken for abandoned.
        File.Move(Stream.Name, _path, overwrite: true);
        Stream.Dispose();
    }

    public void Dispose()
    {
        try
        {
            // Writes what is buffered, which a full disk refuses.
            Stream.Dispose();
        }
        finally
        {
            File.Delete(Stream.Name);
        }
    }

    // A file that is renamed to /dev/null takes its place, for whoever may write there; /dev/shm alone holds files.
    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows() && Path.GetFullPath(path) is var full
        && (full.StartsWith("/proc/", StringComparison.Ordinal) || (full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal)));
}
