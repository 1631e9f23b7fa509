using static System.FormattableString;

namespace Llama2.Evaluation.Data.Input;

/// <summary>Reads a stream up to a limit, and refuses a stream that has more bytes: an archive that decompresses to far more than its own size.</summary>
/// <param name="inner">The stream; it is disposed with this one.</param>
/// <param name="path">The file, for messages.</param>
/// <param name="limit">The maximum number of bytes.</param>
internal sealed class ByteLimitStream(Stream inner, string path, long limit) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = inner.Read(buffer);
        }
        catch (InvalidDataException exception)
        {
            throw DataFault.InFile(path, "its gzip compression is damaged; get the file again", exception);
        }

        _position += count;
        return _position <= limit
            ? count
            : throw DataFault.InFile(path, Invariant($"it has more than {limit:N0} bytes; if you trust it, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxByteSize)}"));
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
