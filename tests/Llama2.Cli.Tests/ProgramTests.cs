using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Llama2.Cli.Tests;

public class ProgramTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Process_Version_IsOneLine()
    {
        (int exitCode, string output, string error) = await CommandProcess.RunAsync("--version");

        exitCode.Should().Be(0);
        output.Should().MatchRegex(@"^\d+\.\d+\.\d+\S*\r?\n$");
        error.Should().BeEmpty();
    }

    [Fact]
    public void Process_ItsAssemblies_AreManaged()
    {
        using JsonDocument dependencies = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "llama2.deps.json")));
        JsonElement libraries = dependencies.RootElement.GetProperty("targets").EnumerateObject().Single().Value;

        libraries.EnumerateObject().Select(library => library.Name).Should().Contain(name => name.StartsWith("OxyPlot.Core/", StringComparison.Ordinal));
        libraries.EnumerateObject()
            .Where(library => library.Value.TryGetProperty("native", out _)
                || (library.Value.TryGetProperty("runtimeTargets", out JsonElement targets) && targets.EnumerateObject().Any(target => target.Value.GetProperty("assetType").GetString() == "native")))
            .Select(library => library.Name).Should().BeEmpty();
    }

    [Fact]
    public async Task Process_Generate_WritesUtf8TextAloneAndOneLineOfStatistics()
    {
        string[] arguments = ["generate", TestModels.Demonstration, "--prompt", "Once upon a time", "--seed", "1", "--max-tokens", "20"];
        CommandRun expected = await CommandRun.OfAsync(arguments);

        (int exitCode, string output, string error) = await CommandProcess.RunAsync(arguments);

        exitCode.Should().Be(0);
        output.Should().Be(expected.Output);
        error.Should().StartWith("llama2: prompt tokens ").And.NotContain("\u001b");
        error.TrimEnd().Should().NotContain("\n");
    }

    [Fact]
    public async Task Process_MissingFile_Exits1()
    {
        (int exitCode, string output, string error) = await CommandProcess.RunAsync("inspect", "no-such-file.gguf");

        exitCode.Should().Be(1);
        output.Should().BeEmpty();
        error.TrimEnd().Should().Be("llama2: error: There is no file 'no-such-file.gguf'.");
    }

    [Fact]
    public async Task Process_WrongUsage_Exits2() => (await CommandProcess.RunAsync("generate")).ExitCode.Should().Be(2);

    [Fact]
    public async Task Process_TokenizingLineByLine_AnswersBeforeTheInputEnds()
    {
        using Process process = CommandProcess.StartCommand("tokenize", TestModels.Demonstration, "--jsonl", "-");

        for (int i = 0; i < 3; i++)
        {
            await process.StandardInput.WriteAsync("{\"text\":\"Hello\"}\n");
            await process.StandardInput.FlushAsync();
            (await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience)).Should().Be("{\"ids\":[360,938],\"decoded\":\"Hello\"}");
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(s_patience);
        process.ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Process_ChattingLineByLine_AnswersBeforeTheInputEnds()
    {
        using Process process = CommandProcess.StartCommand("chat", TestModels.Demonstration, "--temperature", "0");

        for (int i = 0; i < 3; i++)
        {
            await process.StandardInput.WriteAsync("What sound does a cow make?\n/reset\n");
            await process.StandardInput.FlushAsync();
            (await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience)).Should().Be("The cow says moo. ");
            (await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience)).Should().BeEmpty();
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(s_patience);
        process.ExitCode.Should().Be(0);
    }

    [UnixFact]
    public Task Process_InterruptedWhileItWaitsForInput_Exits130() => SignalAsync("INT", 130);

    [UnixFact]
    public Task Process_TerminatedWhileItWaitsForInput_Exits143() => SignalAsync("TERM", 143);

    private static async Task SignalAsync(string signal, int expectedExitCode)
    {
        using Process process = CommandProcess.StartCommand("tokenize", TestModels.Demonstration, "--jsonl", "-");
        await process.StandardInput.WriteAsync("{\"text\":\"Hello\"}\n");
        await process.StandardInput.FlushAsync();
        await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);

        using Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync().WaitAsync(s_patience);

        process.ExitCode.Should().Be(expectedExitCode);
        (await process.StandardError.ReadToEndAsync()).Should().BeEmpty();
    }
}
