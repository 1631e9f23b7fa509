using System.Diagnostics;

namespace Llama2.Cli.Tests.Commands;

public class CompletionCommandTests
{
    [Theory]
    [InlineData("llama2 gene", "generate")]
    [InlineData("llama2 generate model.gguf --top-", "--top-k", "--top-p")]
    [InlineData("llama2 completion z", "zsh")]
    public async Task Suggest_LineSoFar_WritesWhatFits(string line, params string[] expected)
    {
        CommandRun run = await CommandRun.OfAsync($"[suggest:{line.Length}]", line);

        run.ShouldSucceed();
        run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal(expected);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _llama2 llama2\n")]
    [InlineData("zsh", "compdef _llama2 llama2\n")]
    [InlineData("fish", "complete -c llama2")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Completion_Shell_WritesItsScript(string shell, string part)
    {
        CommandRun run = await CommandRun.OfAsync("completion", shell);

        run.ShouldSucceed();
        run.Output.Should().Contain(part);
    }

    [Fact]
    public async Task Completion_OtherShell_IsWrongUsage()
        => (await CommandRun.OfAsync("completion", "tcsh")).ShouldFailInOneLine(2).Should().Contain("bash, zsh, fish, pwsh");

    [UnixFact]
    public async Task Completion_Bash_CompletesWhatThisProgramAnswers()
    {
        string script = (await CommandRun.OfAsync("completion", "bash")).Output;
        string program = Path.Combine(AppContext.BaseDirectory, "llama2.dll");
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardInput = true, ArgumentList = { "--norc" } };
        using Process bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync(
            $$"""
            llama2() { dotnet '{{program}}' "$@"; }
            {{script}}
            COMP_LINE='llama2 gene' COMP_POINT=11 COMP_WORDS=(llama2 gene) COMP_CWORD=1
            _llama2
            echo "${COMPREPLY[@]}"
            """);
        bash.StandardInput.Close();

        (await bash.StandardOutput.ReadToEndAsync()).Should().Be("generate\n");
    }
}
