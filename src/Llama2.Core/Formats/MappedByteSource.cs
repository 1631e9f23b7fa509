using Llama2.Memory;

namespace Llama2.Formats;

/// <summary>A file mapped into memory. Each read first checks that the file has not changed since it was mapped.</summary>
internal sealed class MappedByteSource(string path) : IByteSource
{
    private readonly MappedFile _file = Open(path);

    public string Path => _file.Path;

    public long Length => _file.Length;

    public DateTime? LastWriteTimeUtc => _file.LastWriteTimeUtc;

    public void Read(long offset, Span<byte> destination)
    {
        _file.ThrowIfChanged();
        _file.Read(offset, destination);
    }

    public void Dispose() => _file.Dispose();

    private static MappedFile Open(string path)
    {
        RegularFile.Require(path);
        return MappedFile.Open(path);
    }
}
