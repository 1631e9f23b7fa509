using System.Globalization;
using System.Text;

namespace Llama2.Cli.LineEditing;

/// <summary>
/// A text of one or several lines, and a cursor in it. Moving and deleting affect whole grapheme clusters. Readers see such a cluster as one
/// character, for example a letter with its accents or an emoji that consists of several characters.
/// </summary>
internal sealed class LineBuffer
{
    /// <summary>The text.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The index of the character after the cursor.</summary>
    public int Cursor { get; private set; }

    /// <summary>The text that was cut most recently.</summary>
    public string Killed { get; private set; } = "";

    private int LineStart => Cursor == 0 ? 0 : Text.LastIndexOf('\n', Cursor - 1) + 1;

    private int LineEnd => Text.IndexOf('\n', Cursor) is >= 0 and int end ? end : Text.Length;

    /// <summary>Replaces the text, and moves the cursor to its end.</summary>
    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        // An inserted combining mark becomes part of the cluster before it, so the cursor moves to the next beginning of a cluster.
        Cursor = ClusterStarts().First(start => start >= Cursor + text.Length);
    }

    public void MoveLeft() => Cursor = Before(Cursor);

    public void MoveRight() => Cursor = After(Cursor);

    public void MoveWordLeft() => Cursor = WordLeft(IsOfWord);

    public void MoveWordRight() => Cursor = WordRight();

    public void MoveToLineStart() => Cursor = LineStart;

    public void MoveToLineEnd() => Cursor = LineEnd;

    /// <summary>Moves to the line above.</summary>
    /// <returns>False if there is no line above.</returns>
    public bool MoveUp()
    {
        int start = LineStart;
        if (start == 0)
            return false;
        MoveInLine(start == 1 ? 0 : Text.LastIndexOf('\n', start - 2) + 1, Cursor - start);
        return true;
    }

    /// <summary>Moves to the line below.</summary>
    /// <returns>False if there is no line below.</returns>
    public bool MoveDown()
    {
        int end = LineEnd;
        if (end == Text.Length)
            return false;
        MoveInLine(end + 1, Cursor - LineStart);
        return true;
    }

    public void Backspace() => Remove(Before(Cursor), Cursor);

    public void Delete() => Remove(Cursor, After(Cursor));

    public void KillToLineStart() => Kill(LineStart, Cursor);

    /// <summary>Cuts the text from the cursor to the end of the line. If the cursor is at the end of the line, cuts the line break.</summary>
    public void KillToLineEnd() => Kill(Cursor, LineEnd > Cursor ? LineEnd : After(Cursor));

    /// <summary>Cuts the text before the cursor, back to the nearest white space.</summary>
    public void KillToSpace() => Kill(WordLeft(static rune => !Rune.IsWhiteSpace(rune)), Cursor);

    public void KillWordLeft() => Kill(WordLeft(IsOfWord), Cursor);

    public void KillWordRight() => Kill(Cursor, WordRight());

    private static bool IsOfWord(Rune rune) => Rune.IsLetterOrDigit(rune) || !rune.IsBmp;

    private void MoveInLine(int lineStart, int offset)
    {
        int end = Text.IndexOf('\n', lineStart) is >= 0 and int found ? found : Text.Length;
        int wanted = Math.Min(lineStart + offset, end);
        Cursor = ClusterStarts().Last(start => start <= wanted);
    }

    private void Kill(int start, int end)
    {
        if (start == end)
            return;
        Killed = Text[start..end];
        Remove(start, end);
    }

    private void Remove(int start, int end)
    {
        Text = Text.Remove(start, end - start);
        // The characters before and after the deleted text may now form one cluster.
        Cursor = ClusterStarts().Last(clusterStart => clusterStart <= start);
    }

    private int Before(int index) => index == 0 ? 0 : ClusterStarts().Last(start => start < index);

    private int After(int index) => index == Text.Length ? index : index + StringInfo.GetNextTextElementLength(Text, index);

    private int WordLeft(Func<Rune, bool> isOfWord)
    {
        int[] starts = ClusterStarts();
        int at = Array.BinarySearch(starts, Cursor);
        while (at > 0 && !isOfWord(Rune.GetRuneAt(Text, starts[at - 1])))
            at--;
        while (at > 0 && isOfWord(Rune.GetRuneAt(Text, starts[at - 1])))
            at--;
        return starts[at];
    }

    private int WordRight()
    {
        int at = Cursor;
        while (at < Text.Length && !IsOfWord(Rune.GetRuneAt(Text, at)))
            at = After(at);
        while (at < Text.Length && IsOfWord(Rune.GetRuneAt(Text, at)))
            at = After(at);
        return at;
    }

    // The valid positions of the cursor: before each cluster, and at the end.
    private int[] ClusterStarts() => [.. StringInfo.ParseCombiningCharacters(Text), Text.Length];
}
