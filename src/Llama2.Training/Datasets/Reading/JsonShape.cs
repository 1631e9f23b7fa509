using System.Text.Json;

namespace Llama2.Training.Datasets.Reading;

/// <summary>Finds out how the objects of a file of JSON are arranged, from its beginning.</summary>
internal static class JsonShape
{
    /// <summary>Names of an array of records in an object that is the whole file.</summary>
    private static readonly string[] s_arrayNames = ["data", "rows", "records", "examples", "samples", "instances", "train"];

    // Values that describe the data as a whole, and mean nothing for a record. Others before the array would silently be left out.
    private static readonly string[] s_descriptions = ["version", "name", "title", "description", "license", "source", "url", "info", "dataset", "split", "count", "author", "date"];

    // An object around the records may have some short values before them.
    private const int MaxBeginningByteSize = 1 << 16;

    /// <summary>Reads the records of a file.</summary>
    /// <param name="file">The file, from its beginning.</param>
    /// <param name="stream">A stream of the same file, from which the records are read.</param>
    /// <param name="maximumByteSize">The maximum size of a record in bytes.</param>
    public static IEnumerable<JsonRecord> Read(Stream file, Stream stream, int maximumByteSize)
    {
        byte[] beginning = new byte[MaxBeginningByteSize];
        int count = file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false);
        file.Position = 0;
        Memory<byte> visible = beginning.AsMemory(0, count);
        int start = visible.Span.IndexOfAnyExcept((byte[])[.. " \t\r\n"u8, 0xEF, 0xBB, 0xBF]);
        if (start < 0 || visible.Span[start] != '{')
        {
            return new JsonObjects(stream, maximumByteSize, arrayOffset: 0).Read();
        }

        if (FindArray(visible.Span[start..], count < beginning.Length) is >= 0 and var offset)
        {
            return new JsonObjects(stream, maximumByteSize, start + offset).Read();
        }

        return EndsFirstLine(file, maximumByteSize) ? JsonLines.Read(stream, maximumByteSize) : new JsonObjects(stream, maximumByteSize, arrayOffset: -1).Read();
    }

    // The index of the array of records in an object that is the whole file; -1 if the object is a record itself.
    private static int FindArray(ReadOnlySpan<byte> json, bool isWhole)
    {
        var reader = new Utf8JsonReader(json, isWhole, default);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (!reader.Read())
                {
                    return -1;
                }

                if (reader.TokenType == JsonTokenType.StartArray && s_arrayNames.Contains(name))
                {
                    int offset = (int)reader.TokenStartIndex;
                    return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? offset : -1;
                }

                if (!s_descriptions.Contains(name) || !reader.TrySkip())
                {
                    return -1;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The reader of the records says what is wrong with the JSON, and where.
        }

        return -1;
    }

    // Whether the first object ends on its line: then each line has an object. If the line is not JSON, its fault is reported by its number.
    private static bool EndsFirstLine(Stream file, int maximumByteSize)
    {
        var lines = new BoundedLineReader(file, maximumByteSize);
        bool isLine = true;
        while (lines.TryRead(out ReadOnlyMemory<byte> line, out bool isTooLong))
        {
            if (isTooLong || !line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                isLine = isTooLong || EndsLine(line.Span);
                break;
            }
        }

        file.Position = 0;
        return isLine;
    }

    private static bool EndsLine(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, isFinalBlock: false, default);
        try
        {
            return reader.Read() && reader.TrySkip();
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
