namespace Llama2.Formats;

/// <summary>
/// A file that appears under its name only when it is complete: it is written under a temporary name beside its target, flushed to the disk, and then
/// renamed. If it is disposed before <see cref="Commit"/>, the temporary file is deleted. If the process is killed before it has committed or
/// disposed the file, the next process that writes the same target deletes the temporary file.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _target;

    /// <param name="path">The file to create or replace. If it is a symbolic link, the link is kept, and its target is created or replaced.</param>
    /// <param name="bufferByteSize">The size of the write buffer in bytes.</param>
    /// <exception cref="IOException">The file cannot be created in the target's folder.</exception>
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

    /// <summary>Gives the file its target name, and replaces an existing file of that name.</summary>
    /// <exception cref="IOException">
    /// The disk is full or faulty. An existing file of the target's name is then unchanged, with one exception: if only the flush of the folder
    /// failed, the file is already replaced.
    /// </exception>
    public void Commit()
    {
        Stream.Flush();
        DiskFlush.Content(_file, _target);
        try
        {
            // The file is renamed while it is still open and therefore locked, because another process would consider an unlocked file abandoned and
            // delete it.
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
            // This call writes the stream's buffer, and throws if the disk is full.
            Stream.Dispose();
        }
        finally
        {
            File.Delete(_file.Name);
        }
    }
}
