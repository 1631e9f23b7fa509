using System.Runtime.InteropServices;

namespace Llama2.Cli.Terminal;

/// <summary>Standard output or standard error of the process, whose reader may be gone.</summary>
/// <param name="stream">What .NET opens for it.</param>
/// <param name="isOutput">Whether it is standard output: without it a command has nothing more to do. What standard error does not take is left out.</param>
internal sealed class StandardStream(Stream stream, bool isOutput) : Stream
{
    // EPIPE; ERROR_BROKEN_PIPE, ERROR_NO_DATA and ERROR_PIPE_NOT_CONNECTED of Windows.
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

    /// <exception cref="ClosedPipeException">Nobody reads standard output any more.</exception>
    /// <exception cref="IOException">Standard output cannot be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            // .NET's stream ignores a closed pipe, and a command would work on for nobody. The error's number is kept, as after every such call.
            Marshal.SetLastPInvokeError(0);
            stream.Write(buffer);
            if (isOutput && s_closedPipe.Contains(Marshal.GetLastPInvokeError()))
                throw new ClosedPipeException();
        }
        catch (UnauthorizedAccessException exception) when (isOutput)
        {
            // A descriptor that is closed (>&-), or open to read.
            throw new IOException("Standard output cannot be written: it is closed. Redirect it to a file or, if it is not wanted, to /dev/null.", exception);
        }
        catch (IOException exception) when (isOutput)
        {
            throw new IOException($"Standard output cannot be written: {exception.Message}.", exception);
        }
        catch (Exception exception) when (!isOutput && exception is IOException or UnauthorizedAccessException)
        {
            // There is nobody left to be told, and the exit code tells the rest.
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    // On the calling thread: the error's number is that thread's.
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
