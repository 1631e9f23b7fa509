using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Reading;

/// <summary>
/// Reads the records of a file of JSON whose objects are not one per line: an array of objects, an object that has such an array, or objects one after
/// another, each on several lines. They are read one by one, so that the whole file is never in memory. If the content of an object is malformed, only
/// the record of this object has a fault. If it is no longer known where objects begin and end, the record with the fault is the last.
/// </summary>
/// <param name="stream">The file; it is not disposed.</param>
/// <param name="maximumByteSize">The maximum size of an object in bytes.</param>
/// <param name="arrayOffset">The number of bytes before the array; -1 if the objects are not in an array.</param>
internal sealed class JsonObjects(Stream stream, int maximumByteSize, long arrayOffset)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _position;
    private int _end;
    private byte[] _record = new byte[1 << 12];
    private int _recordLength;
    private long _lineNumber = 1;

    private bool IsArray => arrayOffset >= 0;

    /// <summary>The records in order.</summary>
    public IEnumerable<JsonRecord> Read()
    {
        for (long i = 0; i < arrayOffset; i++)
        {
            NextByte();
        }

        if (IsArray && NextVisible() != '[')
        {
            yield return Broken("the file is neither JSON lines nor a JSON array");
            yield break;
        }

        bool isFirst = true;
        int end = IsArray ? ']' : -1;
        while (true)
        {
            int next = NextVisible();
            if (next == end)
            {
                break;
            }

            if (IsArray && !isFirst && next != -1)
            {
                next = next == ',' ? NextVisible() : 0;
            }

            if (next != '{')
            {
                yield return Broken(
                    next == -1 ? "the array does not end: the file is cut off"
                    : next == ']' ? "the array's elements must be objects, and none follows the last comma; remove the comma"
                    : next == '[' ? "the array's elements must be objects, and this one is a list: write {\"conversations\": […]} around a list of messages"
                    : IsArray ? "the array's elements must be objects with a comma between them"
                    : "the file must have objects one after another, without anything between them");
                yield break;
            }

            isFirst = false;
            long lineNumber = _lineNumber;
            if (!TryReadObject())
            {
                yield return Broken(Invariant($"the object that begins on line {lineNumber:N0} does not end: the file is cut off, or a quote or brace is missing"));
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

        // The object that has the array ends after it. Anything else after the array would silently be left out.
        if (IsArray && (NextVisible() is var last && (arrayOffset > 0 && last == '}' ? NextVisible() : last) != -1))
        {
            yield return Broken("there is text after the array's end; put it into another file, or remove it");
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
