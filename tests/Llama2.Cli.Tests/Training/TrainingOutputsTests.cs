using System.Diagnostics;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Training;

/// <summary>
/// The outputs of <c>llama2 train</c>: all are checked before the first step, and if one fails later, the others are still written.
/// </summary>
public sealed class TrainingOutputsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public TrainingOutputsTests() =>
        _data = _folder.Write("data.jsonl", [.. string.Concat(Enumerable.Repeat("""{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}]}""" + "\n", 8)).Select(character => (byte)character)]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("There is no folder", "-o", "none/a.gguf")]
    [InlineData("There is no folder", "-o", "none/adapter")]
    [InlineData("already exists", "-o", "taken")]
    [InlineData("taken.gguf' is a folder", "-o", "taken.gguf")]
    [InlineData("There is no folder", "-o", "a.gguf", "--checkpoint", "none/state.bin")]
    [InlineData("taken' is a folder", "-o", "a.gguf", "--checkpoint", "taken")]
    [InlineData("There is no folder", "-o", "a.gguf", "--curve", "ok.csv", "--curve", "none/curve.svg")]
    [InlineData("pictures can be written only as SVG", "-o", "a.gguf", "--curve", "loss.PNG")]
    [InlineData("taken' is a folder", "-o", "adapter", "--curve", "taken")]
    [InlineData("taken.md' is a folder", "-o", "taken.gguf")]
    [InlineData("both --output and --checkpoint", "-o", "a.gguf", "--checkpoint", "taken/../a.gguf")]
    [InlineData("both --checkpoint and --curve", "-o", "a.gguf", "--checkpoint", "same", "--curve", "same")]
    [InlineData("both --curve and the model card", "-o", "a.gguf", "--curve", "a.md")]
    [InlineData("both an input and --checkpoint", "-o", "a.gguf", "--checkpoint", "data.jsonl")]
    public async Task Train_OutputThatCannotBeWritten_IsRefusedBeforeAnythingIsRead(string fault, params string[] options)
    {
        Directory.CreateDirectory(_folder.File("taken/inner"));
        Directory.CreateDirectory(_folder.File("taken.md"));
        if (fault.StartsWith("taken.gguf", StringComparison.Ordinal))
            Directory.CreateDirectory(_folder.File("taken.gguf"));

        CommandRun run = await CommandRun.OfAsync(["train", TestModels.Demonstration, _data, .. options.Select(option => option.StartsWith('-') ? option : _folder.File(option))]);

        run.ShouldFailInOneLine(ExitCodes.Failure).Should().Contain(fault);
        Directory.GetFiles(_folder.Path).Should().Equal(_data);
    }

    [UnixFact]
    public async Task Train_CurveInAPlaceThatTakesNoFile_IsRefusedBeforeAnythingIsRead() =>
        (await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", _folder.File("a.gguf"), "--curve", "/proc/curve.csv")).ShouldFailInOneLine(ExitCodes.Failure).Should().Contain("/proc/curve.csv");

    [Fact]
    public async Task Train_CurveAndCardThatCannotBeWrittenAtTheEnd_AreWarnings()
    {
        string curves = Directory.CreateDirectory(_folder.File("curves")).FullName, adapter = _folder.File("a.gguf");

        CommandRun run = await RunAsync(
            () =>
            {
                Delete(curves);
                Directory.CreateDirectory(_folder.File("a.md"));
            },
            "-o", adapter, "--curve", Path.Combine(curves, "curve.csv"));

        run.ExitCode.Should().Be(ExitCodes.Success);
        run.Error.Should().MatchRegex("llama2: warning: the curve '.*curve.csv' could not be written: There is no folder").And.MatchRegex("llama2: warning: the model card '.*a.md' could not be written: ");
        (await CommandRun.OfAsync("adapter", "inspect", adapter)).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Train_CheckpointThatCannotBeWrittenOnTheWay_IsAWarningAndIsTriedAgain()
    {
        string states = Directory.CreateDirectory(_folder.File("states")).FullName, adapter = _folder.File("a.gguf");

        CommandRun run = await RunAsync(() => Delete(states), "-o", adapter, "--checkpoint", Path.Combine(states, "state.bin"));

        run.ExitCode.Should().Be(ExitCodes.Success);
        run.Error.Should().Contain("llama2: warning: the checkpoint could not be written, and is tried again at the next interval: There is no folder").And.Contain("llama2: warning: the checkpoint could not be written: There");
        (await CommandRun.OfAsync("adapter", "inspect", adapter)).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Train_ResultThatCannotBeWrittenAtTheEnd_IsWrittenElsewhere()
    {
        string results = Directory.CreateDirectory(_folder.File("results")).FullName;

        CommandRun run = await RunAsync(() => Delete(results), "-o", Path.Combine(results, "a.gguf"), "--no-card");

        run.ExitCode.Should().Be(ExitCodes.Failure);
        string refuge = run.Error.Split("The trained result is in '")[1].Split('\'')[0];
        (await CommandRun.OfAsync("adapter", "inspect", refuge)).ExitCode.Should().Be(0);
        Directory.Delete(Path.GetDirectoryName(refuge)!, recursive: true);
    }

    // A limit on the length of files (ulimit -f, here 100 KiB) has the same effect as a disk that becomes full.
    [UnixFact]
    public async Task Train_DiskThatFillsUp_CostsTheCheckpointsAndNotTheResult()
    {
        string adapter = _folder.File("a.gguf"), dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = [dotnet, Path.Combine(AppContext.BaseDirectory, "llama2.dll"), "train", TestModels.Demonstration, _data, "-o", adapter, "--rank", "1", "--checkpoint", _folder.File("state.bin"), "--checkpoint-every", "2", "--steps", "5", "--epochs", "99", "--batch-tokens", "64"];

        // An adapter of rank 1 takes about 60 KiB, and a checkpoint with its optimizer moments three times as much.
        using Process process = Process.Start(new ProcessStartInfo("bash", ["-c", "trap '' XFSZ; ulimit -f 100; DOTNET_EnableWriteXorExecute=0 exec \"$@\"", "bash", .. command]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;

        process.ExitCode.Should().Be(ExitCodes.Success, error);
        error.Should().Contain("llama2: warning: the checkpoint could not be written, and is tried again at the next interval: ");
        error.Should().MatchRegex("state.bin' cannot be written: it is longer than .* allows").And.NotContain(".tmp");
        Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Should().BeEquivalentTo("data.jsonl", "a.gguf", "a.md");
    }

    [UnixFact]
    public async Task Train_Interrupted_WritesTheCheckpointThatTrainingGoesOnFrom()
    {
        string state = _folder.File("state.bin"), adapter = _folder.File("a.gguf");
        string[] command = ["train", TestModels.Demonstration, _data, "-o", adapter, "--checkpoint", state, "--batch-tokens", "64"];
        using (Process process = CommandProcess.StartCommand([.. command, "--steps", "100000", "--epochs", "100000", "--checkpoint-every", "100000"]))
        {
            while (await process.StandardError.ReadLineAsync() is { } line && !line.StartsWith("step ", StringComparison.Ordinal))
            {
            }

            using (Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
                await kill.WaitForExitAsync();
            string error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();

            process.ExitCode.Should().Be(ExitCodes.Interrupted);
            error.Should().Contain("llama2: stopping after this batch, to write the checkpoint");
            File.Exists(adapter).Should().BeFalse();
        }

        CommandRun other = await CommandRun.OfAsync([.. command, "--steps", "2", "--epochs", "100000", "--resume"]);
        other.Error.Should().Contain("was made in a run of 100,000 epochs and at most 100,000 steps", "it is a whole checkpoint");
    }

    [Fact]
    public async Task Train_IntervalWithoutCheckpoint_IsWrongUsage() =>
        (await CommandRun.OfAsync("train", TestModels.Demonstration, _data, "-o", _folder.File("a.gguf"), "--checkpoint-every", "5")).ShouldFailInOneLine(ExitCodes.WrongUsage).Should().Contain("--checkpoint-every needs the --checkpoint");

    // The deletion is repeated if it fails, because the next checkpoint may have been started while the folder was being listed.
    private static void Delete(string folder)
    {
        while (Directory.Exists(folder))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
            }
        }
    }

    // Makes a change as soon as the first checkpoint shows that training has started. Training is then far from its end, because a step takes some
    // milliseconds.
    private async Task<CommandRun> RunAsync(Action change, params string[] options)
    {
        string state = options.SkipWhile(option => option != "--checkpoint").Skip(1).FirstOrDefault() ?? _folder.File("first.bin");
        string[] checkpoint = options.Contains("--checkpoint") ? [] : ["--checkpoint", state];
        Task<CommandRun> run = CommandRun.OfAsync(
            ["train", TestModels.Demonstration, _data, .. options, .. checkpoint, "--checkpoint-every", "1", "--steps", "400", "--epochs", "1000", "--batch-tokens", "64"]);
        while (!File.Exists(state) && !run.IsCompleted)
            await Task.Delay(1);
        change();
        return await run;
    }
}
