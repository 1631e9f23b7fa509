using System.Text;
using System.Text.RegularExpressions;
using Llama2.Cli.Terminal;
using Llama2.Memory;

namespace Llama2.Cli.Tests;

/// <summary>Runs a command inside the test's process, with streams of its own.</summary>
internal sealed record CommandRun(int ExitCode, byte[] OutputBytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public static Task<CommandRun> OfAsync(params string[] arguments) => OfAsync(arguments, []);

    public static async Task<CommandRun> OfAsync(
        string[] arguments,
        byte[] input,
        bool isOutputTerminal = false,
        bool isInputTerminal = false,
        LlamaModelStoreOptions? storeOptions = null,
        CancellationToken cancellationToken = default)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        using var outputText = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { AutoFlush = true, NewLine = "\n" };
        var host = new ConsoleHost
        {
            Input = new MemoryStream(input),
            OutputStream = output,
            Output = outputText,
            Error = error,
            IsInputTerminal = isInputTerminal,
            IsOutputTerminal = isOutputTerminal,
            StoreOptions = storeOptions ?? new LlamaModelStoreOptions(),
        };
        int exitCode = await CommandLine.RunAsync(arguments, host, cancellationToken);
        return new CommandRun(exitCode, output.ToArray(), error.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>Checks that the run failed with nothing on standard output and one line on standard error.</summary>
    public string ShouldFailInOneLine(int exitCode)
    {
        ExitCode.Should().Be(exitCode);
        Output.Should().BeEmpty();
        Error.Should().StartWith("llama2: error: ").And.EndWith("\n");
        Error.Count(character => character == '\n').Should().Be(1);
        return Error;
    }

    /// <summary>Checks that the last line on standard error names the file or folder that was written, with its size.</summary>
    public void ShouldTellOf(string path)
    {
        string size = ByteSizeText.Needed(Directory.Exists(path) ? Directory.GetFiles(path).Sum(file => new FileInfo(file).Length) : new FileInfo(path).Length);
        Error.Should().MatchRegex($@"(^|\n)llama2: wrote '{Regex.Escape(path)}': {Regex.Escape(size)} in \d+\.\d s\n$");
        Output.Should().BeEmpty();
    }

    public void ShouldSucceed()
    {
        Error.Should().NotContain("error");
        ExitCode.Should().Be(0);
    }
}
