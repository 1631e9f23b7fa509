namespace Llama2.Formats;

/// <summary>
/// A folder that appears under its name only when it is complete. It is filled under a temporary name beside its target, each of its files is flushed
/// to the disk, and the folder is then renamed. If it is disposed before <see cref="Commit"/>, the temporary folder is deleted. If the process is
/// killed before it has committed or disposed the folder, the next process that writes the same target deletes the temporary folder.
/// </summary>
internal sealed class AtomicFolder : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _temporaryPath, _target;

    /// <param name="path">
    /// The folder to create; it must not exist, or must be empty. If it is a symbolic link, the link is kept, and its target is created.
    /// </param>
    /// <exception cref="IOException">A file or a non-empty folder of this name exists, or the temporary folder cannot be created beside it.</exception>
    public AtomicFolder(string path)
    {
        Path = OutputTarget.Resolve(path);
        if (File.Exists(Path) || (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any()))
            throw new IOException($"'{path}' exists already; name a new folder, or remove it.");

        _target = path;
        _lock = TemporaryFile.Create(Path, path, bufferByteSize: 1);
        _temporaryPath = TemporaryFile.FolderOf(_lock);
        try
        {
            Directory.CreateDirectory(_temporaryPath);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            Dispose();
            throw Refused(exception);
        }
    }

    /// <summary>The absolute path of the target, with a symbolic link at its end resolved.</summary>
    public string Path { get; }

    /// <summary>Writes one file into the folder and flushes it to the disk.</summary>
    /// <exception cref="IOException">The disk is full or faulty.</exception>
    public void Write(string name, Action<Stream> write)
    {
        string target = System.IO.Path.Combine(_target, name);
        using FileStream file = Create(name, target);
        using var stream = new TargetStream(file, target);
        write(stream);
        stream.Flush();
        DiskFlush.Content(file, target);
        DiskFlush.FolderOf(file);
    }

    /// <summary>Gives the folder its target name.</summary>
    public void Commit()
    {
        try
        {
            if (Directory.Exists(Path))
                Directory.Delete(Path);
            Directory.Move(_temporaryPath, Path);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw Refused(exception);
        }

        // The lock file is in the target's parent folder, so flushing the folder of the lock file flushes the target's new name.
        DiskFlush.FolderOf(_lock);
    }

    public void Dispose()
    {
        if (Directory.Exists(_temporaryPath))
            Directory.Delete(_temporaryPath, recursive: true);
        _lock.Dispose();
        File.Delete(_lock.Name);
    }

    private FileStream Create(string name, string target)
    {
        string path = System.IO.Path.Combine(_temporaryPath, name);
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw WriteFailure.Of(target, path, exception);
        }
    }

    private Exception Refused(Exception exception) => WriteFailure.Of(_target, _temporaryPath, exception);
}
