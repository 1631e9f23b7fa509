using System.Globalization;
using System.Text;

namespace Llama2.Cli.Tests.LineEditing;

/// <summary>
/// The screen of a terminal, as far as the editor uses it: it wraps lines in the last column, scrolls, and moves its cursor as control sequences
/// demand. It has its own table of character widths, so that it can disagree with the program, as real terminals do.
/// </summary>
/// <param name="columnCount">Cells in a row.</param>
/// <param name="rowCount">Rows.</param>
/// <param name="joinsClusters">Whether an emoji of several code points is drawn as one character of two cells; otherwise each code point is drawn by
/// itself.</param>
internal sealed class VirtualScreen(int columnCount, int rowCount, bool joinsClusters)
{
    private List<List<string>> _rows = [[]];

    public int ColumnCount { get; private set; } = columnCount;

    public int RowCount { get; private set; } = rowCount;

    public int CursorRow { get; private set; }

    public int CursorColumn { get; private set; }

    public int BellCount { get; private set; }

    public bool BracketsPastes { get; private set; }

    /// <summary>The received control characters that do not belong to a control sequence of the editor.</summary>
    public List<char> Strays { get; } = [];

    /// <summary>The rows that were scrolled out at the top, then those on the screen, without trailing spaces.</summary>
    public string[] Lines => [.. _rows.Select(row => string.Concat(row).TrimEnd(' ')).Reverse().SkipWhile(row => row.Length == 0).Reverse()];

    /// <summary>The text to the left of the cursor in the cursor's row.</summary>
    public string LeftOfCursor => string.Concat(_rows[CursorRow].Take(CursorColumn));

    private int FirstRow => Math.Max(0, _rows.Count - RowCount);

    /// <summary>Changes the width of the screen; as in most terminals, rows that are too long are wrapped again.</summary>
    public void Resize(int columns)
    {
        List<List<string>> rows = [];
        (int cursorRow, int cursorColumn) = (0, 0);
        for (int i = 0; i < _rows.Count; i++)
        {
            List<string> row = _rows[i];
            int end = i == CursorRow ? Math.Max(row.Count, CursorColumn) : row.Count;
            for (int start = 0; start == 0 || start < end; start += columns)
            {
                if (i == CursorRow && CursorColumn >= start && CursorColumn < start + columns)
                    (cursorRow, cursorColumn) = (rows.Count, CursorColumn - start);
                rows.Add([.. row.Skip(start).Take(columns)]);
            }
        }

        (_rows, CursorRow, CursorColumn, ColumnCount) = (rows, cursorRow, cursorColumn, columns);
    }

    public void Write(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            if (text[i] == '\e' && i + 1 < text.Length && text[i + 1] == '[')
            {
                int end = i + 2;
                while (text[end] is < '@' or > '~')
                    end++;
                Control(text[(i + 2)..(end + 1)]);
                i = end + 1;
            }
            else if (char.IsControl(text[i]))
            {
                Control(text[i++]);
            }
            else
            {
                string cluster = joinsClusters ? StringInfo.GetNextTextElement(text, i) : Rune.GetRuneAt(text, i).ToString();
                Put(cluster);
                i += cluster.Length;
            }
        }
    }

    private void Control(char character)
    {
        switch (character)
        {
            case '\r': CursorColumn = 0; break;
            case '\n': LineFeed(); break;
            case '\a': BellCount++; break;
            default: Strays.Add(character); break;
        }
    }

    private void Control(string sequence)
    {
        int count = int.TryParse(sequence[..^1], CultureInfo.InvariantCulture, out int parameter) ? Math.Max(1, parameter) : 1;
        switch (sequence)
        {
            case "?2004h" or "?2004l": BracketsPastes = sequence.EndsWith('h'); break;
            case "K": CutRow(); break;
            case "J":
                CutRow();
                for (int row = CursorRow + 1; row < _rows.Count; row++)
                    _rows[row].Clear();
                break;
            case "H": (CursorRow, CursorColumn) = (FirstRow, 0); break;
            case "2J": _rows.Skip(FirstRow).ToList().ForEach(row => row.Clear()); break;
            case [.., 'A']: CursorRow = Math.Max(FirstRow, CursorRow - count); break;
            default: Strays.Add(sequence[^1]); break;
        }
    }

    private void CutRow()
    {
        List<string> row = _rows[CursorRow];
        if (row.Count > CursorColumn)
            row.RemoveRange(CursorColumn, row.Count - CursorColumn);
    }

    private void LineFeed()
    {
        if (++CursorRow == _rows.Count)
            _rows.Add([]);
    }

    private void Put(string cluster)
    {
        int width = joinsClusters ? ClusterWidth(cluster) : RuneWidth(Rune.GetRuneAt(cluster, 0));
        List<string> row = _rows[CursorRow];
        if (width == 0)
        {
            if (CursorColumn > 0)
                row[CursorColumn - 1] += cluster;
            return;
        }

        if (CursorColumn + width > ColumnCount)
        {
            CursorColumn = 0;
            LineFeed();
            row = _rows[CursorRow];
        }

        while (row.Count < CursorColumn + width)
            row.Add(" ");
        row[CursorColumn] = cluster;
        for (int i = 1; i < width; i++)
            row[CursorColumn + i] = "";
        CursorColumn += width;
    }

    private static int ClusterWidth(string cluster) =>
        cluster.Contains('\uFE0F') ? 2 : Math.Min(2, cluster.EnumerateRunes().Sum(RuneWidth));

    private static int RuneWidth(Rune rune) => rune.Value switch
    {
        >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF
            or >= 0xFF01 and <= 0xFF60 or >= 0x1F300 and <= 0x1F64F or >= 0x1F680 and <= 0x1F6FF or >= 0x1F900 and <= 0x1F9FF => 2,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format ? 0 : 1,
    };
}
