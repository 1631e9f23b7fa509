using System.Diagnostics;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Terminal;

/// <summary>Standard streams that are closed or full, or that nobody reads any more.</summary>
public sealed class StandardStreamTests : IDisposable
{
    private static readonly string[] s_generate = ["generate", TestModels.Demonstration, "--prompt", "Once", "--ignore-eos", "--max-tokens", "400"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixTheory]
    [InlineData("generate")]
    [InlineData("inspect")]
    [InlineData("inspect --json")]
    [InlineData("tokenize --text a")]
    [InlineData("completion")]
    [InlineData("--help")]
    public async Task Output_Closed_IsSaid(string command)
    {
        (int exitCode, string error) = await RunAsync("\"$@\" >&-", Arguments(command));

        (exitCode, error).Should().Be((ExitCodes.Failure, "llama2: error: Standard output cannot be written: it is closed. Redirect it to a file or, if it is not wanted, to /dev/null.\n"));
    }

    [UnixTheory]
    [InlineData("generate")]
    [InlineData("inspect")]
    [InlineData("inspect --json")]
    [InlineData("tokenize --text a")]
    [InlineData("completion")]
    [InlineData("--help")]
    public async Task Output_NobodyReadsIt_EndsQuietly(string command)
    {
        // The reader of the pipe ends before the command begins.
        (int exitCode, string error) = await RunAsync("exec 3> >(exec true); wait $!; exec \"$@\" >&3", Arguments(command));

        (exitCode, error).Should().Be((ExitCodes.ClosedPipe, ""));
    }

    [UnixFact]
    public async Task Generate_ReaderEndsOnTheWay_EndsToo()
    {
        (int exitCode, string error) = await RunAsync("\"$@\" | head -c 1; exit ${PIPESTATUS[0]}", s_generate);

        (exitCode, error).Should().Be((ExitCodes.ClosedPipe, ""), "otherwise the usage of 400 tokens would be printed");
    }

    [UnixTheory]
    [InlineData("generate")]
    [InlineData("inspect --json")]
    public async Task Output_OnAFullDisk_IsSaid(string command)
    {
        (int exitCode, string error) = await RunAsync("exec \"$@\" >/dev/full", Arguments(command));

        (exitCode, error).Should().Be((ExitCodes.Failure, "llama2: error: Standard output cannot be written: No space left on device.\n"));
    }

    [UnixTheory]
    [InlineData(">&-")]
    [InlineData(">/dev/full")]
    public async Task Train_OutputThatCannotBeWritten_CostsNothingThatWasTrained(string redirection)
    {
        string data = _folder.Write("data.txt", [.. Enumerable.Repeat((byte)'a', 200)]), adapter = _folder.File("a.gguf");
        (int exitCode, string error) = await RunAsync($"exec \"$@\" {redirection}", ["train", TestModels.Demonstration, data, "-o", adapter, "--steps", "2", "--epochs", "9"]);

        exitCode.Should().Be(ExitCodes.Failure, error);
        error.Should().Contain("Standard output cannot be written");
        (await CommandRun.OfAsync("adapter", "inspect", adapter)).ShouldSucceed();
    }

    [UnixTheory]
    [InlineData("2>&-", ExitCodes.Success, TestModelsArgument)]
    [InlineData("2>/dev/full", ExitCodes.Success, TestModelsArgument)]
    [InlineData("2>&-", ExitCodes.Failure, "none.gguf")]
    [InlineData("2>/dev/full", ExitCodes.Failure, "none.gguf")]
    public async Task Error_CannotBeWritten_ChangesNoExitCode(string redirection, int expected, string model)
    {
        string path = model == TestModelsArgument ? TestModels.Demonstration : _folder.File(model);
        (int exitCode, _) = await RunAsync($"exec \"$@\" {redirection}", ["generate", path, "--prompt", "Once", "--max-tokens", "2"]);

        exitCode.Should().Be(expected);
    }

    [UnixTheory]
    [InlineData("<&-", "generate -n 3")]
    [InlineData("<&-", "chat")]
    [InlineData("<&-", "embed")]
    [InlineData("<&-", "tokenize --jsonl -")]
    [InlineData("0>/dev/null", "generate -n 3")]
    public async Task Input_Closed_IsSaid(string redirection, string command)
    {
        string[] words = command.Split(' ');
        // Without the time limit, the test would never end if the command waited for input.
        (int exitCode, string error) = await RunAsync($"exec timeout 60 \"$@\" {redirection}", [words[0], TestModels.Demonstration, .. words[1..]]);

        (exitCode, error).Should().Be((ExitCodes.Failure, "llama2: error: Standard input cannot be read: it is closed. Redirect it from a file or, if there is nothing to read, from /dev/null.\n"));
    }

    [UnixTheory]
    [InlineData("</dev/null")]
    [InlineData("< <(exec true)")]
    [InlineData("<<< ''")]
    public async Task Input_Empty_IsRead(string redirection)
    {
        (int exitCode, string error) = await RunAsync($"exec timeout 60 \"$@\" {redirection}", ["generate", TestModels.Demonstration, "-n", "3"]);

        exitCode.Should().Be(ExitCodes.Success, error);
    }

    [UnixFact]
    public async Task Input_ClosedAndNotRead_IsNoFault()
    {
        (int exitCode, string error) = await RunAsync("exec timeout 60 \"$@\" <&-", ["generate", TestModels.Demonstration, "--prompt", "Once", "-n", "3"]);

        exitCode.Should().Be(ExitCodes.Success, error);
    }

    private const string TestModelsArgument = "the demonstration model";

    private static string[] Arguments(string command) => command switch
    {
        "generate" => s_generate,
        "completion" => ["completion", "bash"],
        "--help" => ["--help"],
        _ => [command.Split(' ')[0], TestModels.Demonstration, .. command.Split(' ')[1..]],
    };

    private static async Task<(int ExitCode, string Error)> RunAsync(string script, string[] arguments)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = ["-c", script, "bash", dotnet, Path.Combine(AppContext.BaseDirectory, "llama2.dll"), .. arguments];
        using Process process = Process.Start(new ProcessStartInfo("bash", command) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;
        return (process.ExitCode, error);
    }
}
