using System.Text.Json;
using Llama2.Evaluation.Data.Input;

namespace Llama2.Evaluation.Data.Reading;

/// <summary>Reads JSON lines (jsonlines.org): one object per line. Blank lines are skipped.</summary>
internal static class JsonLinesFile
{
    public static IEnumerable<JsonElement> Read(string path, DataOptions options)
    {
        using Stream stream = InputFile.Open(path, options);
        var lines = new LineReader(stream, path, options);
        while (lines.TryRead(out ReadOnlyMemory<byte> line))
        {
            if (line.Span.ContainsAnyExcept((byte)' ', (byte)'\t'))
                yield return JsonRow.Parse(line.Span, options, (fault, cause) => DataFault.At(path, "line", lines.LineNumber, fault, cause));
        }
    }
}
