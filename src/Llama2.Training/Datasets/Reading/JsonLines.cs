using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Reading;

/// <summary>
/// Reads the records of a JSON Lines file, which has one object on each line. If a line is not an object, only the record of this line has a fault,
/// and reading continues with the next line.
/// </summary>
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
