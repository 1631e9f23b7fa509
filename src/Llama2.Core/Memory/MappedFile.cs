using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace Llama2.Memory;

/// <summary>
/// A whole file, mapped read-only into memory. It is the only owner of its mapping. Thread-safe for reading. If a file is truncated while it is
/// mapped, the operating system ends the process (SIGBUS) at the next access past the new end. Managed code cannot turn that into an exception.
/// Mapping is therefore used only if the user requests it. <see cref="ThrowIfChanged"/> is called before each use of the mapping, which makes such an
/// access less likely but cannot rule it out.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeMemoryMappedViewHandle _buffer;
    private readonly byte* _start;
    private bool _isDisposed;

    private MappedFile(string path, SafeFileHandle file, long length)
    {
        Path = path;
        Length = length;
        _file = file;
        LastWriteTimeUtc = File.GetLastWriteTimeUtc(file);
        _mapping = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            _view = _mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            _mapping.Dispose();
            throw;
        }

        _buffer = _view.SafeMemoryMappedViewHandle;
        byte* start = null;
        _buffer.AcquirePointer(ref start);
        _start = start + _view.PointerOffset;
    }

    /// <summary>The file as the caller named it.</summary>
    public string Path { get; }

    /// <summary>The size of the file when it was mapped, in bytes.</summary>
    public long Length { get; }

    /// <summary>When the file was last written to before it was mapped.</summary>
    public DateTime LastWriteTimeUtc { get; }

    /// <summary>Maps a file.</summary>
    /// <exception cref="ModelFormatException">The file is empty.</exception>
    /// <exception cref="IOException">The file cannot be opened or mapped.</exception>
    public static MappedFile Open(string path)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            long length = RandomAccess.GetLength(file);
            return length > 0
                ? new MappedFile(path, file, length)
                : throw new ModelFormatException(path, 0, "file length", "0 bytes", "the file is empty; download it again");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A bounds-checked part of the file, without a copy; it must not be used after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Slice(long offset, int length) => new(Part(offset, length), length);

    /// <summary>The first byte of a bounds-checked part of the file; it must not be used after <see cref="Dispose"/>.</summary>
    public byte* Part(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if ((ulong)offset > (ulong)Length || (ulong)length > (ulong)(Length - offset))
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"The {length} bytes from offset {offset} on are not all within a file of {Length} bytes.");
        }

        return _start + offset;
    }

    /// <summary>Copies a part of the file. The file stays mapped until the copy is complete, even if another thread disposes this object.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        bool isHeld = false;
        try
        {
            _buffer.DangerousAddRef(ref isHeld);
            Slice(offset, destination.Length).CopyTo(destination);
        }
        finally
        {
            if (isHeld)
                _buffer.DangerousRelease();
        }
    }

    /// <summary>Checks that the file still has the length and the last write time that it had when it was mapped.</summary>
    /// <exception cref="ModelFormatException">The file was truncated, extended or written to.</exception>
    public void ThrowIfChanged()
    {
        long length = RandomAccess.GetLength(_file);
        if (length != Length)
            throw Changed("file length", Invariant($"{length:N0} bytes"), Invariant($"it was {Length:N0} bytes"));

        DateTime lastWriteTime = File.GetLastWriteTimeUtc(_file);
        if (lastWriteTime != LastWriteTimeUtc)
            throw Changed("last write time", Invariant($"{lastWriteTime:O}"), Invariant($"it was {LastWriteTimeUtc:O}"));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;

        _file.Dispose();
        _buffer.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
    }

    private ModelFormatException Changed(string field, string value, string before) =>
        new(Path, null, field, value, $"{before} when the file was mapped; open the model again, and replace model files by renaming");
}
