using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>
/// Reads the records of a file that is one JSON array of objects. They are read one after another, so that the whole array is never in memory. If the
/// content of an object is malformed, only the record of this object has a fault. If it is no longer known where objects begin and end, the record
/// with the fault is the last.
/// </summary>
internal sealed class JsonArray(Stream stream, int maximumByteSize)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _position;
    private int _end;
    private byte[] _record = new byte[1 << 12];
    private int _recordLength;
    private long _lineNumber = 1;

    /// <summary>The records in order.</summary>
    public IEnumerable<JsonRecord> Read()
    {
        bool isFirst = true;
        if (NextVisible() != '[')
        {
            yield return Broken("the file is neither JSON lines nor a JSON array");
            yield break;
        }

        while (true)
        {
            int next = NextVisible();
            if (next == ']')
            {
                break;
            }

            if (!isFirst && next != -1)
            {
                next = next == ',' ? NextVisible() : 0;
            }

            if (next != '{')
            {
                yield return Broken(next == -1 ? "the array does not end: the file is cut off" : "the array's elements must be objects with a comma between them");
                yield break;
            }

            isFirst = false;
            long lineNumber = _lineNumber;
            if (!TryReadObject())
            {
                yield return Broken(Invariant($"the object that begins on line {lineNumber:N0} does not end: the file is cut off, or a quote is missing"));
                yield break;
            }

            if (_recordLength > maximumByteSize)
            {
                yield return new JsonRecord(lineNumber, default, Invariant($"the record has more than {maximumByteSize:N0} bytes; split it, or set a higher limit"));
                continue;
            }

            using JsonDocument? document = RecordDocument.Parse(_record.AsMemory(0, _recordLength), out string? fault, " (counted from the object's start)");
            yield return new JsonRecord(lineNumber, document?.RootElement ?? default, fault);
        }

        if (NextVisible() != -1)
        {
            yield return Broken("there is text after the array's end");
        }
    }

    private JsonRecord Broken(string fault) => new(_lineNumber, default, fault, IsLast: true);

    // Reads the rest of an object, from after its opening brace to its closing brace; returns false if the file ends before that brace. Bytes beyond
    // the limit are not kept.
    private bool TryReadObject()
    {
        _recordLength = 0;
        Append('{');
        int depth = 1;
        bool isInString = false, isEscaped = false;
        while (depth > 0)
        {
            int next = NextByte();
            if (next == -1)
            {
                return false;
            }

            Append(next);
            if (isInString)
            {
                isInString = isEscaped || next != '"';
                isEscaped = !isEscaped && next == '\\';
            }
            else
            {
                isInString = next == '"';
                depth += next is '{' or '[' ? 1 : next is '}' or ']' ? -1 : 0;
            }
        }

        return true;
    }

    private void Append(int value)
    {
        if (_recordLength > maximumByteSize)
        {
            return;
        }

        if (_recordLength == _record.Length)
        {
            Array.Resize(ref _record, 2 * _record.Length);
        }

        _record[_recordLength++] = (byte)value;
    }

    private int NextVisible()
    {
        int next;
        do
        {
            next = NextByte();
        }
        while (next is ' ' or '\t' or '\r' or '\n' or 0xEF or 0xBB or 0xBF); // the last three are a byte order mark
        return next;
    }

    // Reads the next byte; returns -1 at the end of the file.
    private int NextByte()
    {
        if (_position == _end)
        {
            _end = stream.Read(_buffer);
            _position = 0;
            if (_end == 0)
            {
                return -1;
            }
        }

        int next = _buffer[_position++];
        _lineNumber += next == '\n' ? 1 : 0;
        return next;
    }
}
