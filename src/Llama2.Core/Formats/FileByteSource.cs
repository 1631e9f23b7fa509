using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// A file whose bytes are read by calls that state the position (pread on Unix). If the file is truncated while it is open, reading throws an
/// exception and never crashes the process.
/// </summary>
internal sealed class FileByteSource : IByteSource
{
    private readonly SafeFileHandle _file;

    public FileByteSource(string path)
    {
        Path = path;
        _file = RegularFile.OpenHandle(path);
        try
        {
            Length = RandomAccess.GetLength(_file);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public long Length { get; }

    public DateTime? LastWriteTimeUtc => File.GetLastWriteTimeUtc(_file);

    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = RandomAccess.Read(_file, destination, offset);
            if (count == 0)
            {
                throw new ModelFormatException(
                    Path, offset, "file size", Invariant($"{destination.Length:N0} bytes too small"),
                    Invariant($"the file had {Length:N0} bytes when it was opened, and has been changed since; open the model again, and replace model files by renaming"));
            }

            destination = destination[count..];
            offset += count;
        }
    }

    public void Dispose() => _file.Dispose();
}
