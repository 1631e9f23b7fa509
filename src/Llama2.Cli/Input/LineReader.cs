using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Llama2.Cli.Terminal;
using Llama2.Formats;

namespace Llama2.Cli.Input;

/// <summary>
/// Reads a stream line by line, in bytes. A line that is too long is refused, so that it does not fill the memory. Text has no zero bytes, so input
/// with a zero byte, such as /dev/zero or a model, is refused as soon as the byte is read.
/// </summary>
/// <param name="stream">The stream; it is not disposed.</param>
/// <param name="maxLineByteSize">The maximum size of a line in bytes, without its line end.</param>
internal sealed class LineReader(Stream stream, int maxLineByteSize)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>The number of the last line that was read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Whether the next line has already been read into the buffer.</summary>
    public bool HasBufferedLine => _buffer.AsSpan(_start.._end).Contains((byte)'\n');

    /// <summary>
    /// Reads the next line without its line feed; returns null at the end of the stream. The returned memory is valid until the next call. A byte
    /// order mark at the beginning is skipped.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CommandException">The line is too long, or it has a zero byte.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        int scanned = 0;
        while (true)
        {
            int lineEnd = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (lineEnd >= 0)
                return Take(scanned + lineEnd, endLength: 1);

            // The length is checked before the end of the line is found, because the line may never end.
            CheckText(_buffer.AsSpan((_start + scanned).._end));
            scanned = _end - _start;
            CheckLength(scanned);
            MakeRoom();
            // A read from a console cannot be cancelled; it is abandoned together with its buffer.
            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            _end += count;
            if (count == 0 && scanned > 0)
                return Take(scanned, endLength: 0);
            if (count == 0)
                return null;
        }
    }

    /// <summary>Reads the next line as text, without its line break; returns null at the end of the stream.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CommandException">The line is too long, has a zero byte, or is not UTF-8.</exception>
    public async ValueTask<string?> ReadTextAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken).ConfigureAwait(false) is not { } line)
        {
            return null;
        }

        return Utf8.IsValid(line.Span)
            ? Encoding.UTF8.GetString(line.Span).TrimEnd('\r')
            : throw new CommandException(string.Create(
                CultureInfo.InvariantCulture, $"line {LineNumber}: not UTF-8; it has {Utf8Text.Describe(line.Span[Utf8Text.IndexOfInvalid(line.Span)])}; {Utf8Text.Remedy}."));
    }

    private ReadOnlyMemory<byte> Take(int length, int endLength)
    {
        CheckLength(length);
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        CheckText(line.Span);
        _start += length + endLength;
        LineNumber++;
        return LineNumber == 1 && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
    }

    private void CheckLength(int length)
    {
        if (length > maxLineByteSize)
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture, $"line {LineNumber + 1} has more than {maxLineByteSize:N0} bytes; split its text."));
        }
    }

    private void CheckText(ReadOnlySpan<byte> part)
    {
        if (part.Contains((byte)0))
            throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"line {LineNumber + 1} has a zero byte, which no text contains; give a text file."));
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        // The buffer grows up to the size of the longest allowed line and its line feed; CheckLength has already refused longer lines.
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, maxLineByteSize + 1L));
    }
}
