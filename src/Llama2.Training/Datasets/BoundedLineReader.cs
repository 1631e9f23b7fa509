namespace Llama2.Training.Datasets;

/// <summary>Reads a stream line by line, in bytes. Of a line that is too long nothing is kept: it is passed over, and said to be too long.</summary>
/// <param name="stream">The stream; not disposed.</param>
/// <param name="maximumByteSize">Most bytes of a line, its end not counted.</param>
internal sealed class BoundedLineReader(Stream stream, int maximumByteSize)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>Number of the line last read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>The next line without its line feed, valid until the next call; false at the end. A byte order mark at the beginning is dropped.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> line, out bool isTooLong)
    {
        isTooLong = false;
        int scanned = 0;
        while (true)
        {
            int length = _buffer.AsSpan((_start + scanned).._end).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = Take(scanned + length, endLength: 1, ref isTooLong);
                return true;
            }

            scanned = _end - _start;
            if (scanned > maximumByteSize)
            {
                isTooLong = true;
                _start = _end;
                scanned = 0;
            }

            MakeRoom();
            int count = stream.Read(_buffer.AsSpan(_end));
            _end += count;
            if (count == 0)
            {
                bool hasLine = scanned > 0 || isTooLong;
                line = hasLine ? Take(scanned, endLength: 0, ref isTooLong) : default;
                return hasLine;
            }
        }
    }

    private ReadOnlyMemory<byte> Take(int length, int endLength, ref bool isTooLong)
    {
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        _start += length + endLength;
        LineNumber++;
        isTooLong |= length > maximumByteSize;
        return isTooLong ? default : LineNumber == 1 && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        // At most the longest line and its line feed: what fills more without one is dropped.
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, maximumByteSize + 1L));
        }
    }
}
