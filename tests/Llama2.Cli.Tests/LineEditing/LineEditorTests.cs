using Llama2.Cli.LineEditing;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.LineEditing;

public class LineEditorTests
{
    private const string Family = "👨‍👩‍👧", EAcute = "e\u0301";

    [Theory]
    [InlineData("hello<Enter>", "hello")]
    [InlineData("hello<C-j>", "hello")]
    [InlineData("hllo<Left><Left><Left>e<Enter>", "hello")]
    [InlineData("ello<Home>h<Enter>", "hello")]
    [InlineData("ell<C-a>h<C-e>o<Enter>", "hello")]
    [InlineData("ell<C-b><C-b><C-b>h<End>o<Enter>", "hello")]
    [InlineData("hxllo<C-a><C-f><Delete>e<Enter>", "hello")]
    [InlineData("hxllo<C-a><Right><C-d>e<Enter>", "hello")]
    [InlineData("hellx<Backspace>o<Enter>", "hello")]
    [InlineData("hellx<C-h>o<Enter>", "hello")]
    public async Task Read_KeysThatMoveAndDelete_EditTheLine(string keys, string expected) => (await ReadAsync(keys)).Should().Be(expected);

    [Theory]
    [InlineData("a lot of words<C-u>few<Enter>", "few")]
    [InlineData("few words<Left><Left><Left><Left><Left><Left><C-k><Enter>", "few")]
    [InlineData("few words-here<C-w><C-w>none<Enter>", "none")]
    [InlineData("few words-here  <M-Backspace>.<Enter>", "few words-.")]
    [InlineData("few more words<Home><M-d><M-d><Enter>", " words")]
    [InlineData("few more<Home><C-Delete><Enter>", " more")]
    [InlineData("one two<C-w>zero <C-y><Enter>", "one zero two")]
    [InlineData("one two<C-u><C-y><C-y><Enter>", "one twoone two")]
    [InlineData("one two three<M-b><M-b>1<C-a><M-f>2<C-Right>3<C-Left>4<Enter>", "one2 41two3 three")]
    [InlineData("<C-y><C-w><C-u><C-k><Backspace><Delete><Left><Right><Home><End><M-d><M-b><M-f>x<Enter>", "x")]
    public async Task Read_KeysThatCut_CutAndPutBack(string keys, string expected) => (await ReadAsync(keys)).Should().Be(expected);

    [Theory]
    [InlineData($"a{Family}b<Left><Backspace><Enter>", "ab")]
    [InlineData($"a{Family}<Left><Left><Delete>x<Enter>", $"x{Family}")]
    [InlineData($"a{EAcute}b<Left><Left><Delete><Enter>", "ab")]
    [InlineData("日本語<Left><Backspace><Enter>", "日語")]
    [InlineData("ae<Left><Right>\u0301<Left><Left>x<Enter>", $"xa{EAcute}")]
    [InlineData("🇩🇪🇫🇷<Backspace><Enter>", "🇩🇪")]
    public async Task Read_GraphemeClusters_AreOneCharacterEach(string keys, string expected) => (await ReadAsync(keys)).Should().Be(expected);

    [Theory]
    [InlineData("one<M-Enter>two<Enter>", "one\ntwo")]
    [InlineData("one<ESC><Enter>two<Enter>", "one\ntwo")]
    [InlineData("one<M-Enter>three<Up><End>!<Down><Home>2<Enter>", "one!\n2three")]
    [InlineData("longer<M-Enter>two<Up><C-k><Down>.<Enter>", "lon\ntwo.")]
    [InlineData("one<M-Enter>two<C-u><Backspace>2<Enter>", "one2")]
    [InlineData("one<M-Enter>two<C-a><Left><C-k><Enter>", "onetwo")]
    [InlineData("one<M-Enter><M-Enter><Enter>", "one")]
    [InlineData("<M-Enter>one<Up>0<Enter>", "0\none")]
    public async Task Read_SeveralLines_AreOneText(string keys, string expected) => (await ReadAsync(keys)).Should().Be(expected);

    [Theory]
    [InlineData("<Up><Enter>", "third")]
    [InlineData("<Up><C-p><Enter>", "second")]
    [InlineData("<Up><Up><Up><Up><Up><Enter>", "first")]
    [InlineData("draft<Up><Up><Down><C-n>!<Enter>", "draft!")]
    [InlineData("<Down>x<Enter>", "x")]
    [InlineData("<Up><Up> again<Enter>", "second again")]
    public async Task Read_UpAndDown_RecallWhatWasAcceptedBefore(string keys, string expected)
    {
        var terminal = new TypedTerminal();
        using var editor = new LineEditor(terminal, "> ", 1000);
        terminal.Type($"first<Enter>second<Enter>third<Enter>third<Enter>  <Enter>{keys}");

        for (int i = 0; i < 5; i++)
            await editor.ReadAsync(default);
        (await editor.ReadAsync(default)).Should().Be(expected);
    }

    [Fact]
    public async Task Read_Paste_IsOneTextWhateverLineBreaksItHas()
    {
        var terminal = new TypedTerminal();
        using var editor = new LineEditor(terminal, "> ", 1000);
        terminal.Type("See: ");
        terminal.Paste("one\r\ntwo\rthree\n\tfour\n");
        terminal.Type("?<Enter>");

        (await editor.ReadAsync(default)).Should().Be("See: one\ntwo\nthree\n\tfour\n?");
        terminal.Screen.Lines.Should().Equal("> See: one", "  two", "  three", "      four", "  ?");
    }

    [Fact]
    public async Task Read_ControlSequencesInAPaste_ReachNeitherTerminalNorText()
    {
        var terminal = new TypedTerminal();
        using var editor = new LineEditor(terminal, "> ", 1000);
        terminal.Paste("a\e]0;title\a\e[2Jb\u009B31mc\b\x7F\0d\x85");
        terminal.Type("<Enter>");

        (await editor.ReadAsync(default)).Should().Be("a]0;title[2Jb31mcd");
        terminal.Screen.Strays.Should().BeEmpty();
        terminal.Screen.BellCount.Should().Be(0);
        terminal.Screen.Lines.Should().Equal("> a]0;title[2Jb31mcd");
    }

    [Theory]
    [InlineData("a<ESC>[99~b<Enter>")]
    [InlineData("a<ESC>[1;9Xb<Enter>")]
    [InlineData("a<ESC>Ob<ESC>[?1;2cb<Enter>")]
    [InlineData("a<F5><Insert><PageUp><M-x><C-t>b<Enter>")]
    [InlineData("b<ESC>[1<Left>a<Enter>")]
    public async Task Read_KeysThatMeanNothing_ChangeNothing(string keys) => (await ReadAsync(keys)).Should().Be("ab");

    [Fact]
    public async Task Read_AltThatIsSentAsEscape_IsAlt() => (await ReadAsync("one two<ESC>b<ESC><Left>0 <Enter>")).Should().Be("0 one two");

    [Theory]
    [InlineData("<C-d>")]
    [InlineData("a<Backspace><C-d>")]
    public async Task Read_CtrlDOnAnEmptyLine_IsTheEnd(string keys) => (await ReadAsync(keys)).Should().BeNull();

    [Fact]
    public async Task Read_TerminalThatIsGone_IsTheEnd()
    {
        var terminal = new TypedTerminal();
        using var editor = new LineEditor(terminal, "> ", 1000);
        terminal.Type("abc");
        terminal.Send(TerminalInputKind.Ended);

        (await editor.ReadAsync(default)).Should().BeNull();
    }

    [Theory]
    [InlineData("abc", "> abc^C", false)]
    [InlineData("", "> ^C", true)]
    [InlineData("a<M-Enter>b<Up>", "> a\n  b^C", false)]
    public async Task Read_Cancelled_GivesTheTextUpAndLeavesItsLine(string keys, string expected, bool isEmpty)
    {
        var terminal = new TypedTerminal();
        using var editor = new LineEditor(terminal, "> ", 1000);
        using var interruption = new CancellationTokenSource();
        terminal.Type(keys);
        Task<string?> reading = editor.ReadAsync(interruption.Token);

        await interruption.CancelAsync();

        await FluentActions.Awaiting(() => reading).Should().ThrowAsync<OperationCanceledException>();
        editor.IsEmpty.Should().Be(isEmpty);
        terminal.Screen.Lines.Should().Equal(expected.Split('\n'));
        terminal.Screen.CursorColumn.Should().Be(0);
        terminal.Type("next<Enter>");
        (await editor.ReadAsync(default)).Should().Be("next");
    }

    [Fact]
    public async Task Read_TextThatIsTooLong_IsRefusedAndStaysInTheHistory()
    {
        var terminal = new TypedTerminal();
        using var editor = new LineEditor(terminal, "> ", 10);
        terminal.Type("typed");
        terminal.Paste("123456");
        terminal.Type("<Up>!");
        terminal.Paste(new string('x', 1000));
        terminal.Type("ok<Enter>");

        await FluentActions.Awaiting(() => editor.ReadAsync(default)).Should().ThrowAsync<CommandException>().WithMessage("*more than 10 characters*");
        await FluentActions.Awaiting(() => editor.ReadAsync(default)).Should().ThrowAsync<CommandException>();
        (await editor.ReadAsync(default)).Should().Be("ok");
        terminal.Screen.Lines.Should().Equal("> typed", "> typed!", "> ok");
    }

    [Fact]
    public async Task Dispose_LeavesTheTerminalAsItWas()
    {
        var terminal = new TypedTerminal();
        var editor = new LineEditor(terminal, "> ", 1000);
        terminal.Type("a<Enter>");
        await editor.ReadAsync(default);
        terminal.Screen.BracketsPastes.Should().BeTrue();

        editor.Dispose();

        terminal.Screen.BracketsPastes.Should().BeFalse();
    }

    private static async Task<string?> ReadAsync(string keys)
    {
        var terminal = new TypedTerminal();
        using var editor = new LineEditor(terminal, "> ", 1000);
        terminal.Type(keys);
        string? text = await editor.ReadAsync(default);
        terminal.HasInput.Should().BeFalse();
        return text;
    }
}
