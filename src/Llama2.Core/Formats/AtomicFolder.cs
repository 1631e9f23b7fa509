namespace Llama2.Formats;

/// <summary>
/// A folder that is there whole or not at all: it is filled beside its place, each file brought to the disk, and renamed. Disposing an
/// uncommitted one removes what was written; what a killed process could not remove, the next that writes the folder does.
/// </summary>
internal sealed class AtomicFolder : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _temporaryPath;

    /// <param name="path">The folder to create; it must not exist or must be empty. If it is a symbolic link, its target.</param>
    /// <exception cref="IOException">There is something of that name, or it cannot be written there.</exception>
    public AtomicFolder(string path)
    {
        Path = OutputTarget.Resolve(path);
        if (File.Exists(Path) || (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any()))
            throw new IOException($"'{path}' exists already; name a new folder, or remove it.");

        _lock = TemporaryFile.Create(Path, bufferByteSize: 1);
        _temporaryPath = TemporaryFile.FolderOf(_lock);
        Directory.CreateDirectory(_temporaryPath);
    }

    /// <summary>The place, absolute and without a link at its end.</summary>
    public string Path { get; }

    /// <summary>Writes a file of the folder and brings it to the disk.</summary>
    /// <exception cref="IOException">The disk is full or faulty.</exception>
    public void Write(string name, Action<Stream> write)
    {
        using var file = new FileStream(System.IO.Path.Combine(_temporaryPath, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        write(file);
        DiskFlush.Content(file);
        DiskFlush.FolderOf(file);
    }

    /// <summary>Puts the folder in its place.</summary>
    public void Commit()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path);
        Directory.Move(_temporaryPath, Path);
        // Which lies in the same folder.
        DiskFlush.FolderOf(_lock);
    }

    public void Dispose()
    {
        if (Directory.Exists(_temporaryPath))
            Directory.Delete(_temporaryPath, recursive: true);
        _lock.Dispose();
        File.Delete(_lock.Name);
    }
}
