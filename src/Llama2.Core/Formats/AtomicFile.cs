namespace Llama2.Formats;

/// <summary>
/// A file that is never visible incomplete: it is written under a temporary name beside its target, flushed to the disk, and renamed. Disposing an
/// uncommitted file removes it. If a process was killed before it could do so, the next one that writes the same file removes the leftover.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _target;

    /// <param name="path">The file to create or replace; if it is a symbolic link, its target.</param>
    /// <param name="bufferByteSize">The size of the write buffer in bytes.</param>
    /// <exception cref="IOException">The file cannot be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    public AtomicFile(string path, int bufferByteSize = 4096)
    {
        Path = OutputTarget.Resolve(path);
        if (Directory.Exists(Path))
            throw new IOException($"'{path}' is a folder; name a file.");
        _target = path;
        _file = TemporaryFile.Create(Path, path, bufferByteSize);
        Stream = new TargetStream(_file, path);
    }

    /// <summary>The absolute path of the target, with a symbolic link at its end resolved.</summary>
    public string Path { get; }

    /// <summary>The stream for the content.</summary>
    public Stream Stream { get; }

    /// <summary>Renames the file to its target, replacing an existing file.</summary>
    /// <exception cref="IOException">The disk is full or faulty. The earlier file keeps its name, unless the only failure was flushing the folder.</exception>
    public void Commit()
    {
        Stream.Flush();
        DiskFlush.Content(_file, _target);
        try
        {
            // Renamed while it is open, and therefore locked: an unlocked file would be considered abandoned.
            File.Move(_file.Name, Path, overwrite: true);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw WriteFailure.Of(_target, _file.Name, exception);
        }

        DiskFlush.FolderOf(_file);
        Stream.Dispose();
    }

    public void Dispose()
    {
        try
        {
            // Writes the buffer, which fails if the disk is full.
            Stream.Dispose();
        }
        finally
        {
            File.Delete(_file.Name);
        }
    }
}
