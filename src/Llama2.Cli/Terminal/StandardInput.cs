using Llama2.Memory;

namespace Llama2.Cli.Terminal;

/// <summary>Standard input of the process. If it is closed, reading throws an exception.</summary>
/// <param name="stream">The stream that .NET opens for standard input.</param>
internal sealed class StandardInput(Stream stream) : Stream
{
    private const string Remedy = "Redirect it from a file or, if there is nothing to read, from /dev/null.";
    private const long CloseOnExec = 0x80000; // O_CLOEXEC of Linux
    private readonly bool _isClosed = IsOfThisProcess(SystemFile.ReadText("/proc/self/fdinfo/0"));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Whether this process has opened descriptor 0 itself. If a process is started with a closed standard input (<c>&lt;&amp;-</c>), the first file
    /// that the runtime opens gets descriptor 0. This file is one end of a pipe to which the runtime writes signals, so a read from it would wait
    /// forever. The runtime sets close-on-exec for all its descriptors. An inherited descriptor cannot have this flag, because then it would have
    /// been closed when the process was started.
    /// </summary>
    /// <param name="description">The contents of the file in which Linux describes the descriptor, with the flags in octal; empty on other systems.</param>
    public static bool IsOfThisProcess(string description)
    {
        string? line = description.Split('\n').FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return line is not null && (Convert.ToInt64(line["flags:".Length..].Trim(), 8) & CloseOnExec) != 0;
    }

    /// <exception cref="IOException">Standard input is closed, or cannot be read.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_isClosed)
            throw Closed(null);

        try
        {
            return stream.Read(buffer);
        }
        catch (UnauthorizedAccessException exception)
        {
            // A descriptor that is open only for writing is detected here. On systems without /proc, a closed descriptor is detected here, too.
            throw Closed(exception);
        }
        catch (IOException exception)
        {
            throw new IOException($"Standard input cannot be read: {exception.Message}.", exception);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static IOException Closed(Exception? cause) => new($"Standard input cannot be read: it is closed. {Remedy}", cause);
}
