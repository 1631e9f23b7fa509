namespace Llama2.Cli.Tests;

/// <summary>The conversation on a real terminal.</summary>
public class ChatTerminalTests
{
    private const string Ready = "\e[?2004h", Left = "\e[D", CtrlC = "\u0003", CtrlD = "\u0004", CtrlU = "\u0015", CtrlW = "\u0017", CtrlY = "\u0019";
    private static readonly string[] s_chat = ["chat", TestModels.Demonstration, "--quiet", "--temperature", "0"];

    [ScriptFact]
    public async Task Chat_OnATerminal_EditsLines()
    {
        using var terminal = new TerminalProcess("xterm-256color", s_chat);
        await terminal.ReadToAsync(Ready);

        await terminal.TypeAsync($"日本語{CtrlU}What sound make?{Left}{Left}{Left}{Left}{Left}does a cow \r");
        (await terminal.ReadToAsync(Ready)).Should().Contain("The cow says moo.");
        await terminal.TypeAsync($"What is 3 plus 4?{CtrlW}{CtrlW}{CtrlY}{CtrlC}");
        (await terminal.ReadToAsync(Ready)).Should().Contain("^C").And.NotContain("is 7");
        // The history's last entry is the earlier question, because the text that Ctrl+C discarded was never sent.
        await terminal.TypeAsync("\e[A\r");
        (await terminal.ReadToAsync(Ready)).Should().Contain("The cow says moo.");
        await terminal.TypeAsync(CtrlD);
        (await terminal.WaitForExitAsync()).Should().Be(0);
        terminal.Output.Should().EndWith("\e[?2004l");
    }

    [ScriptFact]
    public async Task Chat_PasteOnATerminal_IsOneMessageWithoutItsControlCharacters()
    {
        using var terminal = new TerminalProcess("xterm-256color", s_chat);
        await terminal.ReadToAsync(Ready);

        await terminal.TypeAsync("\e[200~What sound does\r\na cow make?\e]0;title\u0007\e[201~");
        await terminal.TypeAsync($"{CtrlW}make?\r");
        string answer = await terminal.ReadToAsync(Ready);
        await terminal.TypeAsync("/stats\r");

        answer.Should().Contain("moo").And.NotContain("\e]");
        (await terminal.ReadToAsync(Ready)).Should().Contain("llama2: 2 messages");
    }

    [ScriptFact]
    public async Task Chat_OnADumbTerminal_TakesPlainLines()
    {
        using var terminal = new TerminalProcess("dumb", s_chat);
        await terminal.ReadToAsync("> ");

        await terminal.TypeAsync("What sound does a cow make?\n");
        (await terminal.ReadToAsync("> ")).Should().Contain("The cow says moo.");
        await terminal.TypeAsync(CtrlD);

        (await terminal.WaitForExitAsync()).Should().Be(0);
        terminal.Output.Should().NotContain("\e[?2004");
    }
}
