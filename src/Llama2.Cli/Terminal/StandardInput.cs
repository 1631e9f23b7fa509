using Llama2.Memory;

namespace Llama2.Cli.Terminal;

/// <summary>Standard input of the process, which may be closed.</summary>
/// <param name="stream">The stream that .NET opens for it.</param>
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
    /// that the runtime opens gets descriptor 0. That file is one end of a pipe which signals are written to, so a read from it would wait for ever.
    /// The runtime sets close-on-exec for all its descriptors. An inherited descriptor cannot have this flag, because then it would have been closed
    /// when the process was started.
    /// </summary>
    /// <param name="description">Linux's description of the descriptor, with its flags in octal; empty on other systems.</param>
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
            // A descriptor that is open for writing only is detected here; a closed one too, on systems without /proc.
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
