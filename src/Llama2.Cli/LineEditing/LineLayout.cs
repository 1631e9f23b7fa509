using System.Globalization;
using System.Text;

namespace Llama2.Cli.LineEditing;

/// <summary>
/// A text broken into rows of a terminal. No row reaches the last column, because terminals differ in where the cursor is after a character in the
/// last column.
/// </summary>
/// <param name="Rows">The rows, with the prompt in the first and an indent in the others.</param>
/// <param name="CursorRow">The row of the cursor.</param>
/// <param name="CursorPrefix">The text before the cursor in its row.</param>
internal sealed record LineLayout(IReadOnlyList<string> Rows, int CursorRow, string CursorPrefix)
{
    private const int MinColumnCount = 8;
    private const string Tab = "    ";
    private const char DottedCircle = '\u25CC';

    /// <param name="prompt">The prompt before the text, in ASCII; the following rows are indented by its length.</param>
    /// <param name="text">The text; it must not have control characters except line feeds and tabs.</param>
    /// <param name="cursor">The index of the character after the cursor; it must be the beginning of a cluster.</param>
    /// <param name="columnCount">The terminal's width.</param>
    public static LineLayout Of(string prompt, string text, int cursor, int columnCount)
    {
        int limit = Math.Max(MinColumnCount, columnCount) - 1;
        string indent = new(' ', prompt.Length);
        List<string> rows = [];
        var row = new StringBuilder(prompt);
        int width = prompt.Length, cursorRow = 0;
        string? cursorPrefix = null;
        int index = 0;
        while (index < text.Length)
        {
            int length = StringInfo.GetNextTextElementLength(text, index);
            ReadOnlySpan<char> cluster = text.AsSpan(index, length);
            bool isBreak = cluster is ['\n'];
            ReadOnlySpan<char> drawn = Draw(cluster, out int clusterWidth);
            if (width + clusterWidth > limit)
                EndRow();
            if (index == cursor)
                (cursorRow, cursorPrefix) = (rows.Count, row.ToString());
            if (isBreak)
                EndRow();
            row.Append(drawn);
            width += clusterWidth;
            index += length;
        }

        if (cursorPrefix is null)
            (cursorRow, cursorPrefix) = (rows.Count, row.ToString());
        rows.Add(row.ToString());
        return new LineLayout(rows, cursorRow, cursorPrefix);

        void EndRow()
        {
            rows.Add(row.ToString());
            row.Clear().Append(indent);
            width = indent.Length;
        }
    }

    private static ReadOnlySpan<char> Draw(ReadOnlySpan<char> cluster, out int width)
    {
        width = cluster is ['\n'] ? 0 : cluster is ['\t'] ? Tab.Length : CellWidth.Of(cluster);
        if (width > 0)
            return cluster is ['\t'] ? Tab : cluster;

        // A combining mark without a letter is shown with Unicode's placeholder for a letter, the dotted circle. Any other cluster of width 0 is not
        // drawn: it is a line feed, or an invisible character that might change the order of the characters in the row.
        bool isMark = Rune.GetUnicodeCategory(First(cluster)) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark;
        width = isMark ? 1 : 0;
        return isMark ? $"{DottedCircle}{cluster}" : "";
    }

    private static Rune First(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out _);
        return rune;
    }
}
