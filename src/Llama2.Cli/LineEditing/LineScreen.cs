using System.Globalization;
using System.Text;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.LineEditing;

/// <summary>
/// Draws layouts on a terminal. A layout replaces the previous one, and only the rows that changed are written. To place the cursor in its column,
/// the text before the cursor in the row is written again, so that the terminal's own character widths determine the column.
/// </summary>
internal sealed class LineScreen(ITerminal terminal)
{
    private const string ClearRowEnd = "\e[K";
    private const string ClearBelow = "\e[J";

    private string[] _drawn = [];
    private int _cursorRow;
    private int _cursorColumn;
    private int _firstRow;
    private int _columnCount;

    /// <summary>Resets the state to that of a screen on which nothing is drawn and the cursor is at the beginning of an empty line.</summary>
    public void Forget() => (_drawn, _cursorRow, _cursorColumn, _firstRow) = ([], 0, 0, 0);

    /// <summary>Clears the terminal, and puts the cursor in its first line.</summary>
    public void Clear()
    {
        terminal.Write("\e[H\e[2J");
        Forget();
    }

    /// <summary>Draws a layout for the terminal's current width. If it has more rows than the terminal, only the rows around the cursor are drawn.</summary>
    public void Draw(LineLayout layout)
    {
        string[] rows = ChooseVisible(layout);
        var output = new StringBuilder();
        GoToFirstRow(output);
        // In each row that is written, everything to the right of the text is cleared. If there are fewer rows than before, everything below the last
        // row is cleared.
        bool isShorter = rows.Length < _drawn.Length;
        bool isAtEnd = false;
        for (int i = 0; i < rows.Length; i++)
        {
            if (i > 0)
                output.Append("\r\n");
            isAtEnd = i >= _drawn.Length || _drawn[i] != rows[i] || (isShorter && i == rows.Length - 1);
            if (isAtEnd)
                output.Append(rows[i]).Append(ClearRowEnd);
        }

        if (isShorter)
            output.Append(ClearBelow);
        _drawn = rows;
        _cursorRow = layout.CursorRow - _firstRow;
        _cursorColumn = WidthOf(layout.CursorPrefix);
        _columnCount = terminal.ColumnCount;
        if (!isAtEnd || layout.CursorRow != layout.Rows.Count - 1 || layout.CursorPrefix != rows[^1])
        {
            MoveUp(output, rows.Length - 1 - _cursorRow);
            output.Append('\r').Append(layout.CursorPrefix);
        }

        terminal.Write(output.ToString());
    }

    /// <summary>Moves to the line below the drawn text, which stays on the screen.</summary>
    /// <param name="ending">Text that is written after the drawn text.</param>
    public void Leave(string ending = "")
    {
        terminal.Write($"{ending}\r\n");
        Forget();
    }

    private static void MoveUp(StringBuilder output, int rowCount)
    {
        if (rowCount > 0)
            output.Append(CultureInfo.InvariantCulture, $"\e[{rowCount}A");
    }

    private static int WidthOf(string row)
    {
        int width = 0;
        for (int index = 0, length; index < row.Length; index += length)
        {
            length = StringInfo.GetNextTextElementLength(row, index);
            width += CellWidth.Of(row.AsSpan(index, length));
        }

        return width;
    }

    private string[] ChooseVisible(LineLayout layout)
    {
        int count = Math.Min(layout.Rows.Count, Math.Max(1, terminal.RowCount));
        _firstRow = Math.Clamp(_firstRow, layout.CursorRow - count + 1, layout.CursorRow);
        _firstRow = Math.Clamp(_firstRow, 0, layout.Rows.Count - count);
        return [.. layout.Rows.Skip(_firstRow).Take(count)];
    }

    private void GoToFirstRow(StringBuilder output)
    {
        if (_drawn.Length == 0 || terminal.ColumnCount == _columnCount)
        {
            MoveUp(output, _cursorRow);
            output.Append('\r');
            return;
        }

        // The width has changed. A terminal that became narrower has broken the drawn rows into more rows.
        int columnCount = Math.Max(1, terminal.ColumnCount);
        int above = _drawn.Take(_cursorRow).Sum(row => Math.Max(1, (WidthOf(row) + columnCount - 1) / columnCount)) + (_cursorColumn / columnCount);
        MoveUp(output, Math.Min(above, Math.Max(1, terminal.RowCount) - 1));
        output.Append('\r').Append(ClearBelow);
        _drawn = [];
    }
}
