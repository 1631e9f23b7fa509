namespace Llama2.Training.Datasets.Reading;

/// <summary>Reads a stream line by line, in bytes. A line that is too long is skipped and reported as too long; no part of it is kept.</summary>
/// <param name="stream">The stream; it is not disposed.</param>
/// <param name="maximumByteSize">The maximum size of a line in bytes, without its line end.</param>
internal sealed class BoundedLineReader(Stream stream, int maximumByteSize)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>The number of the last line that was read, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>
    /// Reads the next line without its line feed; returns false at the end of the stream. The memory of the line is valid until the next call. A byte
    /// order mark at the beginning is skipped.
    /// </summary>
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

        // The buffer grows up to the size of the longest allowed line and its line feed; a longer line is discarded.
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, maximumByteSize + 1L));
        }
    }
}
