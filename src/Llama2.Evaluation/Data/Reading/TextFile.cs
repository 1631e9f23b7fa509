using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Llama2.Evaluation.Data.Input;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Reading;

/// <summary>Reads plain text. As rows, each line is a row with the field <c>text</c>, as Hugging Face's loader of texts reads it.</summary>
internal static class TextFile
{
    public static IEnumerable<JsonElement> Read(string path, DataOptions options)
    {
        using var writer = new RowWriter();
        foreach ((long number, string line) in ReadLines(path, options))
            yield return writer.Write(json => json.WriteString("text"u8, line), options, (fault, cause) => DataFault.At(path, "line", number, fault, cause));
    }

    /// <summary>Reads lines with their numbers, from 1.</summary>
    public static IEnumerable<(long Number, string Line)> ReadLines(string path, DataOptions options)
    {
        using Stream stream = InputFile.Open(path, options);
        var lines = new LineReader(stream, path, options);
        while (lines.TryRead(out ReadOnlyMemory<byte> line))
            yield return (lines.LineNumber, Text(line.Span, lines.LineNumber, path, options));
    }

    /// <summary>Reads the parts between line ends: like the lines, but with an empty part after the line end at the end of the file.</summary>
    public static IEnumerable<string> ReadSplit(string path, DataOptions options)
    {
        using Stream stream = InputFile.Open(path, options);
        var lines = new LineReader(stream, path, options);
        while (lines.TryRead(out ReadOnlyMemory<byte> line))
            yield return Text(line.Span, lines.LineNumber, path, options);
        if (lines.HasLineEnd)
            yield return "";
    }

    private static string Text(ReadOnlySpan<byte> line, long number, string path, DataOptions options)
    {
        if (!Utf8.IsValid(line))
            throw DataFault.At(path, "line", number, "the text is not UTF-8; convert the file to UTF-8");
        string text = Encoding.UTF8.GetString(line);
        return text.Length <= options.MaxTextLength
            ? text
            : throw DataFault.At(path, "line", number, Invariant($"there are {text.Length:N0} characters; at most {options.MaxTextLength:N0} are allowed ({nameof(DataOptions)}.{nameof(DataOptions.MaxTextLength)})"));
    }
}
