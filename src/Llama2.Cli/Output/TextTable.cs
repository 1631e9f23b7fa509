using System.Text;
using Spectre.Console;

namespace Llama2.Cli.Output;

/// <summary>
/// A table of text. It has no borders, and its columns are two spaces apart. Each row is written immediately. When all rows were laid out before the
/// first was written, the 65,000 rows for a file of 1.3 MB took 150 MiB of memory.
/// </summary>
internal sealed class TextTable
{
    private const int GapWidth = 2;
    private const int MinColumnWidth = 8;
    private const int PendingLength = 16 * 1024;
    private readonly TextWriter _output;
    private readonly StringBuilder[] _cells;
    private readonly int[] _widths;
    private readonly bool[] _isRightAligned;
    private readonly StringBuilder _pending = new();

    private TextTable(TextWriter output, int columnCount, int[] rightAligned)
    {
        _output = output;
        _cells = [.. Enumerable.Range(0, columnCount).Select(_ => new StringBuilder())];
        _widths = new int[columnCount];
        _isRightAligned = [.. Enumerable.Range(0, columnCount).Select(rightAligned.Contains)];
    }

    /// <summary>Writes the headings and the rows, each as one line. If the table is wider than the output, cells are wrapped within their columns.</summary>
    /// <param name="output">The writer of the output.</param>
    /// <param name="outputWidth">The width of the output in columns.</param>
    /// <param name="headings">The headings, one for each column.</param>
    /// <param name="rightAligned">The indices, from 0, of the columns that contain numbers.</param>
    /// <param name="rows">The items that the rows describe. They are enumerated twice: first to determine the widths of the columns, then to write the rows.</param>
    /// <param name="describe">Appends the texts of a row to its cells, which are empty before the call. The texts must not have control characters.</param>
    public static void Write<T>(TextWriter output, int outputWidth, string[] headings, int[] rightAligned, IEnumerable<T> rows, Action<T, StringBuilder[]> describe)
    {
        var table = new TextTable(output, headings.Length, rightAligned);
        table.Fill(headings, AppendHeadings);
        table.Measure();
        foreach (T row in rows)
        {
            table.Fill(row, describe);
            table.Measure();
        }

        table.Narrow(outputWidth);
        table.Fill(headings, AppendHeadings);
        table.WriteCells();
        foreach (T row in rows)
        {
            table.Fill(row, describe);
            table.WriteCells();
        }

        table.HandOn();
    }

    private static void AppendHeadings(string[] headings, StringBuilder[] cells)
    {
        for (int i = 0; i < cells.Length; i++)
            cells[i].Append(headings[i]);
    }

    private void Fill<T>(T row, Action<T, StringBuilder[]> describe)
    {
        foreach (StringBuilder cell in _cells)
            cell.Clear();
        describe(row, _cells);
    }

    private void Measure()
    {
        for (int i = 0; i < _cells.Length; i++)
            _widths[i] = Math.Max(_widths[i], WidthOf(_cells[i]));
    }

    // The widest columns are narrowed until the table fits.
    private void Narrow(int outputWidth)
    {
        int most = _widths.Max(), room = outputWidth - GapWidth * (_widths.Length - 1);
        while (most > MinColumnWidth && _widths.Sum(width => Math.Min(width, most)) > room)
            most--;
        for (int i = 0; i < _widths.Length; i++)
            _widths[i] = Math.Min(_widths[i], most);
    }

    private void WriteCells()
    {
        do
        {
            // Spaces are written only when text follows them, so that no line ends with spaces.
            int spaceCount = 0;
            for (int i = 0; i < _cells.Length; i++)
            {
                int length = FittingLength(_cells[i], _widths[i], out int width);
                int padding = _widths[i] - width, before = _isRightAligned[i] ? padding : 0;
                if (length == 0)
                {
                    spaceCount += padding + GapWidth;
                    continue;
                }

                _pending.Append(' ', spaceCount + before).Append(_cells[i], 0, length);
                _cells[i].Remove(0, length);
                spaceCount = padding - before + GapWidth;
            }

            _pending.Append(_output.NewLine);
        }
        while (Array.Exists(_cells, static cell => cell.Length > 0));

        if (_pending.Length >= PendingLength)
            HandOn();
    }

    // The length in characters of the part of a cell that fits in its column, and the width of this part.
    private static int FittingLength(StringBuilder cell, int columnWidth, out int width)
    {
        width = WidthOf(cell);
        if (width <= columnWidth)
            return cell.Length;

        width = 0;
        int length = 0;
        foreach (Rune character in cell.ToString().EnumerateRunes())
        {
            int own = character.ToString().GetCellWidth();
            if (width + own > columnWidth)
                break;
            width += own;
            length += character.Utf16SequenceLength;
        }

        return length;
    }

    private static int WidthOf(StringBuilder cell)
    {
        foreach (ReadOnlyMemory<char> chunk in cell.GetChunks())
        {
            if (!Ascii.IsValid(chunk.Span))
                return cell.ToString().GetCellWidth();
        }

        return cell.Length;
    }

    private void HandOn()
    {
        _output.Write(_pending);
        _pending.Clear();
    }
}
