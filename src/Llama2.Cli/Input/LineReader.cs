using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Llama2.Cli.Terminal;
using Llama2.Formats;

namespace Llama2.Cli.Input;

/// <summary>
/// Reads a stream line by line, in bytes, and refuses a line above a length instead of filling the memory with it. Zero bytes are of no text: what has
/// them, such as /dev/zero or a model, is refused as soon as they come.
/// </summary>
/// <param name="stream">The stream; not disposed.</param>
/// <param name="maxLineByteSize">Most bytes in a line, its end not counted.</param>
internal sealed class LineReader(Stream stream, int maxLineByteSize)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>Number of the line last read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Whether the next line is here already.</summary>
    public bool HasBufferedLine => _buffer.AsSpan(_start.._end).Contains((byte)'\n');

    /// <summary>The next line without its line feed, valid until the next call; null at the end. A byte order mark at the beginning is dropped.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CommandException">The line is too long, or has a zero byte.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        int scanned = 0;
        while (true)
        {
            int lineEnd = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (lineEnd >= 0)
                return Take(scanned + lineEnd, endLength: 1);

            // Before the line's end comes: it may never come.
            CheckText(_buffer.AsSpan((_start + scanned).._end));
            scanned = _end - _start;
            CheckLength(scanned);
            MakeRoom();
            // A console's read cannot be cancelled; it is left alone, buffer and all.
            int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            _end += count;
            if (count == 0 && scanned > 0)
                return Take(scanned, endLength: 0);
            if (count == 0)
                return null;
        }
    }

    /// <summary>The next line as text, without its line break; null at the end.</summary>
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
            throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"line {LineNumber + 1} has a zero byte, which is of no text; give a file of text."));
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        // At most the longest line and its line feed: what fills more without one, CheckLength has refused.
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, maxLineByteSize + 1L));
    }
}
