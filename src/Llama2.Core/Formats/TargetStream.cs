namespace Llama2.Formats;

/// <summary>
/// Writes to a file that has a temporary name. Error messages name the target file instead.
/// </summary>
/// <param name="file">The temporary file; disposed with this stream.</param>
/// <param name="target">The path of the target file, as the user gave it.</param>
internal sealed class TargetStream(FileStream file, string target) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => file.CanWrite;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            file.Write(buffer);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw Refused(exception);
        }
    }

    public override void WriteByte(byte value) => Write([value]);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await file.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw Refused(exception);
        }
    }

    public override void Flush()
    {
        try
        {
            file.Flush();
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw Refused(exception);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw Refused(exception);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        try
        {
            // This call writes the stream's buffer, and throws if the disk is full.
            file.Dispose();
        }
        catch (Exception exception) when (DiskSpace.IsRefusal(exception))
        {
            throw Refused(exception);
        }

        base.Dispose(disposing);
    }

    private Exception Refused(Exception exception) => WriteFailure.Of(target, file.Name, exception);
}
