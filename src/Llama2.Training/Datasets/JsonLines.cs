using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets;

/// <summary>The records of a file of JSON lines: an object a line. A line that is none is a fault of its own; the next one is read all the same.</summary>
internal static class JsonLines
{
    public static IEnumerable<JsonRecord> Read(Stream stream, int maximumByteSize)
    {
        var lines = new BoundedLineReader(stream, maximumByteSize);
        while (lines.TryRead(out ReadOnlyMemory<byte> line, out bool isTooLong))
        {
            if (isTooLong)
            {
                yield return new JsonRecord(lines.LineNumber, default, Invariant($"the line has more than {maximumByteSize:N0} bytes; split its record, or set a higher limit"));
                continue;
            }

            if (line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            using JsonDocument? document = RecordDocument.Parse(line, out string? fault);
            yield return new JsonRecord(lines.LineNumber, document?.RootElement ?? default, fault);
        }
    }
}
