namespace Llama2.Formats;

/// <summary>
/// A file that is there whole or not at all: it is written beside its place, brought to the disk, and renamed. Disposing an uncommitted one
/// removes what was written; what a killed process could not remove, the next that writes the file does.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _target;

    /// <param name="path">The file to create or replace; if it is a symbolic link, its target.</param>
    /// <param name="bufferByteSize">Bytes that are gathered before they are written.</param>
    /// <exception cref="IOException">It cannot be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public AtomicFile(string path, int bufferByteSize = 4096)
    {
        Path = OutputTarget.Resolve(path);
        if (Directory.Exists(Path))
            throw new IOException($"'{path}' is a folder; name a file.");
        _target = path;
        _file = TemporaryFile.Create(Path, path, bufferByteSize);
        Stream = new TargetStream(_file, path);
    }

    /// <summary>The place, absolute and without a link at its end.</summary>
    public string Path { get; }

    /// <summary>Where the content goes.</summary>
    public Stream Stream { get; }

    /// <summary>Puts the file in its place, over one that may be there.</summary>
    /// <exception cref="IOException">The disk is full or faulty. The earlier file keeps its name, unless the only failure was flushing the folder.</exception>
    public void Commit()
    {
        Stream.Flush();
        DiskFlush.Content(_file, _target);
        try
        {
            // Renamed while it is open, and so locked: an unlocked one would be taken for abandoned.
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
            // Writes what is buffered, which a full disk refuses.
            Stream.Dispose();
        }
        finally
        {
            File.Delete(_file.Name);
        }
    }
}
