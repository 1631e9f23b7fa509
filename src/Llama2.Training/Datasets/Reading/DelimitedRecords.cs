using System.Buffers;
using System.Text;
using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Reading;

/// <summary>
/// Reads comma- or tab-separated values by RFC 4180: a field in quotes may contain separators and line ends, and a quote in it is doubled. The first row
/// has the names of the fields, and every value is a text. Rows without characters are skipped.
/// </summary>
/// <param name="stream">The table, in UTF-8; it is not disposed.</param>
/// <param name="separator">The character between fields.</param>
/// <param name="maximumByteSize">The maximum size of a row, in characters.</param>
internal sealed class DelimitedRecords(Stream stream, char separator, int maximumByteSize)
{
    private const int MaxFieldCount = 1000;

    private readonly List<string> _fields = [];
    private readonly StringBuilder _field = new();
    private long _lineNumber = 1;
    private string? _fault;

    /// <summary>The rows in order.</summary>
    public IEnumerable<JsonRecord> Read()
    {
        using var text = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16, leaveOpen: true);
        if (text.Peek() == '\uFEFF')
        {
            text.Read();
        }

        string[]? names = null;
        while (true)
        {
            long lineNumber = _lineNumber;
            if (!TryReadRow(text))
            {
                if (_fault is not null)
                {
                    yield return new JsonRecord(lineNumber, default, _fault, IsLast: true);
                }

                yield break;
            }

            if (_fields is [{ Length: 0 }])
            {
                continue;
            }

            if (names is null)
            {
                names = [.. _fields.Select(name => name.Trim())];
                if (names.Distinct(StringComparer.Ordinal).Count() < names.Length)
                {
                    yield return new JsonRecord(lineNumber, default, "two fields have the same name in the first row, which must name the fields; rename one", IsLast: true);
                    yield break;
                }

                continue;
            }

            if (_fields.Count != names.Length)
            {
                yield return new JsonRecord(lineNumber, default, Invariant($"the row has {_fields.Count:N0} fields, and the first row names {names.Length:N0}; put quotes around a field with a separator or a line end"));
                continue;
            }

            using JsonDocument document = Write(names);
            yield return new JsonRecord(lineNumber, document.RootElement);
        }
    }

    // Reads the next row. Returns false at the end of the file, or if it is no longer known where rows begin.
    private bool TryReadRow(StreamReader text)
    {
        _fields.Clear();
        _field.Clear();
        bool isQuoted = false, wasQuoted = false, isEmpty = true;
        int length = 0;
        try
        {
            while (true)
            {
                int next = text.Read();
                if (next == -1)
                {
                    _fault = isQuoted ? "a quote that begins a field of this row is not closed; close it, or double it if it is part of the text" : null;
                    return !isQuoted && !isEmpty && EndField();
                }

                isEmpty = false;
                _lineNumber += next == '\n' ? 1 : 0;
                if (++length > maximumByteSize)
                {
                    _fault = Invariant($"the row has more than {maximumByteSize:N0} characters; split it, set a higher limit, or close its quote");
                    return false;
                }

                if (isQuoted)
                {
                    if (next == '"' && text.Peek() != '"')
                    {
                        isQuoted = false;
                    }
                    else
                    {
                        _field.Append((char)next);
                        length += next == '"' ? 1 : 0;
                        _ = next == '"' ? text.Read() : 0;
                    }
                }
                else if (next == '"' && _field.Length == 0 && !wasQuoted)
                {
                    isQuoted = wasQuoted = true;
                }
                else if (next == separator)
                {
                    wasQuoted = false;
                    if (!EndField())
                    {
                        return false;
                    }
                }
                else if (next is '\n' || (next == '\r' && text.Peek() is '\n' or -1))
                {
                    if (next == '\n')
                    {
                        return EndField();
                    }
                }
                else
                {
                    _field.Append((char)next);
                }
            }
        }
        catch (DecoderFallbackException)
        {
            _fault = "the table is not UTF-8, in this row or soon after it; save it again as UTF-8";
            return false;
        }
    }

    private bool EndField()
    {
        _fields.Add(_field.ToString());
        _field.Clear();
        _fault = _fields.Count > MaxFieldCount ? Invariant($"the row has more than {MaxFieldCount:N0} fields; remove those that are not needed") : null;
        return _fault is null;
    }

    private JsonDocument Write(string[] names)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 10);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            for (int i = 0; i < names.Length; i++)
            {
                json.WriteString(names[i], _fields[i]);
            }

            json.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.WrittenMemory);
    }
}
