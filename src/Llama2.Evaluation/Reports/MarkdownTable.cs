namespace Llama2.Evaluation.Reports;

/// <summary>A table in Markdown whose columns are as wide as their widest cell.</summary>
internal static class MarkdownTable
{
    /// <param name="writer">Receives the table, with a line feed at the end of each line.</param>
    /// <param name="headers">The headers, which are centred.</param>
    /// <param name="areNumbers">Whether each column is aligned to the right.</param>
    /// <param name="rows">The rows.</param>
    public static void Write(TextWriter writer, string[] headers, bool[] areNumbers, IReadOnlyList<string[]> rows)
    {
        string[][] cells = [.. rows.Select(row => row.Select(MarkdownText.Escape).ToArray())];
        int[] widths = [.. headers.Select((header, column) => Math.Max(3, cells.Select(row => row[column].Length).Append(header.Length).Max()))];
        WriteRow(writer, headers.Select((header, column) => header.PadLeft(header.Length + ((widths[column] - header.Length) / 2)).PadRight(widths[column])));
        WriteRow(writer, widths.Select((width, column) => areNumbers[column] ? new string('-', width - 1) + ":" : new string('-', width)));
        foreach (string[] row in cells)
            WriteRow(writer, row.Select((cell, column) => areNumbers[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])));
    }

    private static void WriteRow(TextWriter writer, IEnumerable<string> cells) => writer.Write($"|{string.Join('|', cells)}|\n");
}
