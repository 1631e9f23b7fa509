namespace Llama2.Evaluation.Sandboxes;

/// <summary>Reads lines from a process, whose lengths are limited. Not thread-safe.</summary>
internal sealed class LineReader(Stream stream, int maxByteSize)
{
    private byte[] _buffer = new byte[4096];
    private int _start, _end;

    /// <summary>The next line without its end, valid until the next call; null at the end of the stream, where an incomplete line is dropped.</summary>
    /// <exception cref="InvalidDataException">The line is too long.</exception>
    public ReadOnlyMemory<byte>? Read()
    {
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                length += searched;
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                return line;
            }

            searched = _end - _start;
            if (searched > maxByteSize)
                throw new InvalidDataException($"A line has more than {maxByteSize:N0} bytes.");
            if (!Fill())
                return null;
        }
    }

    private bool Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        int count = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        return count > 0;
    }
}
