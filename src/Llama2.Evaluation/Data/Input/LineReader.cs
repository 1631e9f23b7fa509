using static System.FormattableString;

namespace Llama2.Evaluation.Data.Input;

/// <summary>Reads a stream line by line, in bytes, with a limit for a line. Line ends are <c>\n</c> and <c>\r\n</c>.</summary>
/// <param name="stream">The stream; it is not disposed.</param>
/// <param name="path">The file, for messages.</param>
/// <param name="options">The limit is <see cref="DataOptions.MaxRowByteSize"/>.</param>
internal sealed class LineReader(Stream stream, string path, DataOptions options)
{
    private byte[] _buffer = new byte[Math.Min(1 << 16, options.MaxRowByteSize + 2)];
    private int _start;
    private int _end;

    /// <summary>The number of bytes up to the end of the last line that was read, with its line end.</summary>
    public long Position { get; private set; }

    /// <summary>The number of the last line that was read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Whether the last line that was read ended in a line end; the last line of a file may lack it.</summary>
    public bool HasLineEnd { get; private set; }

    /// <summary>Reads the next line without its line end and without a byte order mark. Its memory is valid until the next call.</summary>
    /// <returns>False at the end of the stream.</returns>
    /// <exception cref="EvaluationDataException">The line is longer than allowed.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        int scanned = 0;
        while (true)
        {
            int length = _buffer.AsSpan((_start + scanned).._end).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = Take(scanned + length, endLength: 1);
                return true;
            }

            scanned = _end - _start;
            MakeRoom();
            int count = stream.Read(_buffer.AsSpan(_end));
            _end += count;
            if (count == 0)
            {
                line = scanned > 0 ? Take(scanned, endLength: 0) : default;
                return scanned > 0;
            }
        }
    }

    private ReadOnlyMemory<byte> Take(int length, int endLength)
    {
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        _start += length + endLength;
        Position += length + endLength;
        LineNumber++;
        HasLineEnd = endLength > 0;
        if (line.Span.EndsWith("\r"u8))
            line = line[..^1];
        return LineNumber == 1 && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
    }

    // The buffer grows to the size of the longest line that is allowed, with its line end.
    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end < _buffer.Length)
            return;
        long limit = options.MaxRowByteSize + 2L;
        if (_buffer.Length >= limit)
        {
            throw DataFault.At(
                path, "line", LineNumber + 1,
                Invariant($"there are more than {options.MaxRowByteSize:N0} bytes; if you trust the file, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxRowByteSize)}"));
        }

        Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, limit));
    }
}
