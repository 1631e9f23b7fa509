namespace Llama2.Formats;

/// <summary>
/// A folder that is there whole or not at all: it is filled beside its place, each file brought to the disk, and renamed. Disposing an
/// uncommitted one removes what was written; what a killed process could not remove, the next that writes the folder does.
/// </summary>
internal sealed class AtomicFolder : IDisposable
{
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly string _temporaryPath;

    /// <param name="path">The folder to make; there is none of the name, or an empty one.</param>
    /// <exception cref="IOException">There is something of that name, or it cannot be written there.</exception>
    public AtomicFolder(string path)
    {
        _path = Path.TrimEndingDirectorySeparator(path);
        if (File.Exists(_path) || (Directory.Exists(_path) && Directory.EnumerateFileSystemEntries(_path).Any()))
            throw new IOException($"'{_path}' exists already; name a new folder, or remove it.");

        _lock = TemporaryFile.Create(_path, bufferByteSize: 1);
        _temporaryPath = TemporaryFile.FolderOf(_lock);
        Directory.CreateDirectory(_temporaryPath);
    }

    /// <summary>Writes a file of the folder and brings it to the disk.</summary>
    public void Write(string name, Action<Stream> write)
    {
        using var file = new FileStream(Path.Combine(_temporaryPath, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        write(file);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Puts the folder in its place.</summary>
    public void Commit()
    {
        if (Directory.Exists(_path))
            Directory.Delete(_path);
        Directory.Move(_temporaryPath, _path);
    }

    public void Dispose()
    {
        if (Directory.Exists(_temporaryPath))
            Directory.Delete(_temporaryPath, recursive: true);
        _lock.Dispose();
        File.Delete(_lock.Name);
    }
}
