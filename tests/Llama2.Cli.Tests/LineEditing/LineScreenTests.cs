using Llama2.Cli.LineEditing;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.LineEditing;

public class LineScreenTests
{
    private static readonly string[] s_texts =
        ["a", "bc ", "word ", "日", "本語 ", "é", "e\u0301", "\u0301", "👨‍👩‍👧", "🇩🇪", "❤️", "\t", "\n", "\n\n", "a long text that wraps ", "한글 한글 한글 "];

    private static readonly Action<LineBuffer>[] s_edits =
    [
        buffer => buffer.MoveLeft(), buffer => buffer.MoveRight(), buffer => buffer.MoveUp(), buffer => buffer.MoveDown(), buffer => buffer.MoveToLineStart(),
        buffer => buffer.MoveToLineEnd(), buffer => buffer.MoveWordLeft(), buffer => buffer.MoveWordRight(), buffer => buffer.Backspace(), buffer => buffer.Delete(),
        buffer => buffer.KillToLineStart(), buffer => buffer.KillToLineEnd(), buffer => buffer.KillToSpace(), buffer => buffer.KillWordLeft(), buffer => buffer.KillWordRight(),
    ];

    [Fact]
    public void Draw_TextLongerThanARow_GoesOnInTheNextAndLeavesTheLastColumnFree()
    {
        TypedTerminal terminal = Type(new TypedTerminal(columnCount: 10), "abcdefghijklmnopq<Home><Right>");

        terminal.Screen.Lines.Should().Equal("> abcdefg", "  hijklmn", "  opq");
        terminal.Screen.LeftOfCursor.Should().Be("> a");
        terminal.Screen.CursorRow.Should().Be(0);
    }

    [Fact]
    public void Draw_CursorWhereARowEnds_IsInTheNext()
    {
        TypedTerminal terminal = Type(new TypedTerminal(columnCount: 10), "abcdefgh<Left>");

        (terminal.Screen.CursorRow, terminal.Screen.CursorColumn).Should().Be((1, 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Draw_WideCharacters_AreNotSplit(bool joinsClusters)
    {
        TypedTerminal terminal = Type(new TypedTerminal(columnCount: 10, joinsClusters: joinsClusters), "日本語中国한글");

        terminal.Screen.Lines.Should().Equal("> 日本語", "  中国한", "  글");
        (terminal.Screen.CursorRow, terminal.Screen.CursorColumn).Should().Be((2, 4));
    }

    [Theory]
    [InlineData("\u0301a", "> \u25CC\u0301a")]
    [InlineData("a\u202Eb\u200Bc", "> abc")]
    public void Draw_CharactersOfNoWidth_LeaveTheRowInOrder(string text, string expected)
    {
        var terminal = new TypedTerminal();
        Type(terminal, text);

        terminal.Screen.Lines.Should().Equal(expected);
        terminal.Written.Should().NotContain("\u202E");
    }

    [Theory]
    [InlineData(true, 4)]
    [InlineData(false, 8)]
    public void Draw_EmojiOfSeveralCharacters_HasTheCursorWhereTheTerminalPutsIt(bool joinsClusters, int column)
    {
        TypedTerminal terminal = Type(new TypedTerminal(joinsClusters: joinsClusters), "👨‍👩‍👧x<Left>");

        terminal.Screen.Lines.Should().Equal("> 👨‍👩‍👧x");
        terminal.Screen.CursorColumn.Should().Be(column);
    }

    [Theory]
    [InlineData(true, 40)]
    [InlineData(false, 40)]
    [InlineData(true, 12)]
    [InlineData(false, 12)]
    public void Draw_AfterAnyEdits_ShowsWhatAFreshTerminalWould(bool joinsClusters, int columnCount)
    {
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            var buffer = new LineBuffer();
            var terminal = new TypedTerminal(columnCount, rowCount: 100, joinsClusters);
            var screen = new LineScreen(terminal);
            for (int i = random.Next(60); i >= 0; i--)
            {
                if (random.Next(2) == 0)
                    buffer.Insert(s_texts[random.Next(s_texts.Length)]);
                else
                    s_edits[random.Next(s_edits.Length)](buffer);
                screen.Draw(LineLayout.Of("> ", buffer.Text, buffer.Cursor, columnCount));
            }

            ShouldShow(terminal, buffer, joinsClusters, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(true, 40, 25)]
    [InlineData(true, 25, 40)]
    [InlineData(true, 40, 9)]
    [InlineData(false, 30, 11)]
    public void Draw_AfterResizing_ShowsWhatAFreshTerminalWould(bool joinsClusters, int before, int after)
    {
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            var buffer = new LineBuffer();
            for (int i = random.Next(12); i >= 0; i--)
                buffer.Insert(s_texts[random.Next(s_texts.Length)]);
            for (int i = random.Next(40); i > 0; i--)
                buffer.MoveLeft();
            var terminal = new TypedTerminal(before, rowCount: 100, joinsClusters);
            var screen = new LineScreen(terminal);
            screen.Draw(LineLayout.Of("> ", buffer.Text, buffer.Cursor, before));

            terminal.Screen.Resize(after);
            screen.Draw(LineLayout.Of("> ", buffer.Text, buffer.Cursor, after));

            ShouldShow(terminal, buffer, joinsClusters, $"seed {seed}");
        }
    }

    [Fact]
    public void Draw_TextHigherThanTheTerminal_ShowsThePartAroundTheCursor()
    {
        var terminal = new TypedTerminal(columnCount: 20, rowCount: 3);
        terminal.Screen.Write("before\r\n");

        Type(terminal, "1<M-Enter>2<M-Enter>3<M-Enter>4<M-Enter>5");
        terminal.Screen.Lines.Should().Equal("before", "  3", "  4", "  5");
        Type(terminal, "<Up><Up><Up>!");

        terminal.Screen.Lines.Should().Equal("before", "  2!", "  3", "  4");
        terminal.Screen.LeftOfCursor.Should().Be("  2!");
    }

    [Fact]
    public void Draw_OneMoreCharacter_WritesItsRowAlone()
    {
        var terminal = new TypedTerminal();
        Type(terminal, "one<M-Enter>two<M-Enter>three<Up>");
        int before = terminal.Written.Length;

        Type(terminal, "!");

        terminal.Written[before..].Should().NotContain("one").And.NotContain("three").And.Contain("two!");
    }

    [Fact]
    public void Read_ResumedAfterOthersWrote_DrawsAnew()
    {
        var terminal = new TypedTerminal();
        Type(terminal, "one<M-Enter>two");
        terminal.Screen.Write("\r\n$ fg\r\n\e[?2004l");

        terminal.Send(TerminalInputKind.Resumed);
        Type(terminal, "!");

        terminal.Screen.Lines.Should().Equal("> one", "  two", "$ fg", "> one", "  two!");
        terminal.Screen.BracketsPastes.Should().BeTrue();
    }

    [Fact]
    public void Read_CtrlL_ClearsTheTerminalAndKeepsTheText()
    {
        var terminal = new TypedTerminal();
        terminal.Screen.Write("before\r\n");

        Type(terminal, "abc<C-l>d");

        terminal.Screen.Lines.Should().Equal("> abcd");
    }

    private static void ShouldShow(TypedTerminal terminal, LineBuffer buffer, bool joinsClusters, string because)
    {
        var fresh = new TypedTerminal(terminal.ColumnCount, terminal.RowCount, joinsClusters);
        new LineScreen(fresh).Draw(LineLayout.Of("> ", buffer.Text, buffer.Cursor, terminal.ColumnCount));
        terminal.Screen.Lines.Should().Equal(fresh.Screen.Lines, because);
        terminal.Screen.LeftOfCursor.Should().Be(fresh.Screen.LeftOfCursor, because);
        terminal.Screen.CursorRow.Should().Be(fresh.Screen.CursorRow, because);
    }

    private static TypedTerminal Type(TypedTerminal terminal, string keys)
    {
        // Without xunit's synchronization context, the editor continues within the call that sends a key.
        SynchronizationContext.SetSynchronizationContext(null);
        terminal.Type(keys);
        terminal.Reading ??= new LineEditor(terminal, "> ", 10_000).ReadAsync(default);
        terminal.HasInput.Should().BeFalse();
        return terminal;
    }
}
