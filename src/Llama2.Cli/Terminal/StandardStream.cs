using System.Runtime.InteropServices;

namespace Llama2.Cli.Terminal;

/// <summary>Standard output or standard error of the process. The reader of the stream may have closed it.</summary>
/// <param name="stream">The stream that .NET opens for standard output or standard error.</param>
/// <param name="isOutput">
/// Whether the stream is standard output. If standard output cannot be written, an exception ends the command. Failed writes to standard error are
/// ignored.
/// </param>
internal sealed class StandardStream(Stream stream, bool isOutput) : Stream
{
    // The error numbers of a closed pipe: EPIPE on Unix; ERROR_BROKEN_PIPE, ERROR_NO_DATA and ERROR_PIPE_NOT_CONNECTED on Windows.
    private static readonly int[] s_closedPipe = OperatingSystem.IsWindows() ? [109, 232, 233] : [32];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="ClosedPipeException">The reader has closed standard output.</exception>
    /// <exception cref="IOException">Standard output cannot be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            // .NET's stream ignores a closed pipe, so a command would continue to work without a reader. The error number of the system call is still
            // available after the write.
            Marshal.SetLastPInvokeError(0);
            stream.Write(buffer);
            if (isOutput && s_closedPipe.Contains(Marshal.GetLastPInvokeError()))
                throw new ClosedPipeException();
        }
        catch (UnauthorizedAccessException exception) when (isOutput)
        {
            // The descriptor is closed (>&-), or open only for reading.
            throw new IOException("Standard output cannot be written: it is closed. Redirect it to a file or, if it is not wanted, to /dev/null.", exception);
        }
        catch (IOException exception) when (isOutput)
        {
            throw new IOException($"Standard output cannot be written: {exception.Message}.", exception);
        }
        catch (Exception exception) when (!isOutput && exception is IOException or UnauthorizedAccessException)
        {
            // Standard error cannot be written, so the message is lost; the exit code still reports the failure.
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    // The write runs on the calling thread, because each thread has an error number of its own.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
