using System.Text.Json;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Training;

/// <summary>The logs of <c>llama2 train</c>, and what the model answers on the way.</summary>
public sealed class TrainingLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public TrainingLogTests() => File.WriteAllText(
        _data = _folder.File("data.jsonl"), string.Concat(Enumerable.Repeat("""{"prompt":"What sound does a cow make?","completion":"The cow says woof."}""" + "\n", 8)));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_Logs_HaveEachStepEvaluationAndAnswer()
    {
        string log = _folder.File("log.jsonl"), board = _folder.File("runs/first");

        CommandRun run = await TrainAsync("-o", _folder.File("a.gguf"), "--epochs", "30", "--learning-rate", "0.01", "--validation", "0.2", "--evaluate-every", "6", "--log", log, "--tensorboard", board, "--sample-prompt", "What sound does a cow make?", "--sample-prompt", "Hello!", "--sample-tokens", "10");

        run.ExitCode.Should().Be(0, run.Error);
        JsonElement[] events = [.. File.ReadLines(log).Select(line => JsonElement.Parse(line))];
        string[] kinds = [.. events.Select(item => item.GetProperty("event").GetString()!)];
        int stepCount = kinds.Count(kind => kind == "step"), evaluationCount = kinds.Count(kind => kind == "evaluation");
        kinds.Take(4).Should().Equal("start", "generation", "generation", "step");
        evaluationCount.Should().Be((stepCount + 5) / 6);
        kinds.Count(kind => kind == "generation").Should().Be(2 * (evaluationCount + 1));
        events.Where(item => item.GetProperty("event").GetString() == "step").Select(item => item.GetProperty("step").GetInt32()).Should().Equal(Enumerable.Range(1, stepCount));
        events.Last(item => item.GetProperty("event").GetString() == "step").GetProperty("loss").GetDouble().Should().BeLessThan(0.5);
        JsonElement[] answers = [.. events.Where(item => item.GetProperty("event").GetString() == "generation" && item.GetProperty("prompt").GetString()!.StartsWith("What", StringComparison.Ordinal))];
        answers[0].GetProperty("text").GetString().Should().Contain("moo");
        answers[^1].GetProperty("text").GetString()!.Trim().Should().Be("The cow says woof.");
        run.Error.Should().Contain("\n  What sound does a cow make? → The cow says woof.\n").And.Contain("\n  Hello! → ");
        byte[] events2 = await File.ReadAllBytesAsync(Directory.GetFiles(board).Should().ContainSingle().Subject);
        events2.AsSpan().IndexOf("validation/loss"u8).Should().BePositive();
        events2.AsSpan().IndexOf("generation/What sound does a cow make?"u8).Should().BePositive();
    }

    [Fact]
    public async Task Train_AnswersWithoutValidation_ComeAtTheIntervalAndAtTheEnd()
    {
        CommandRun run = await TrainAsync("-o", _folder.File("a.gguf"), "--epochs", "20", "--steps", "5", "--evaluate-every", "2", "--sample-prompt", "Hi", "--sample-tokens", "3");

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Split("\n  Hi → ").Should().HaveCount(1 + 4, "they come before training and after the steps 2, 4 and 5");
    }

    [Fact]
    public async Task Train_Resumed_ContinuesItsLogs()
    {
        string log = _folder.File("log.jsonl"), board = _folder.File("run");
        string[] options = ["--batch-tokens", "64", "--epochs", "9", "--checkpoint", _folder.File("state.bin"), "--log", log, "--tensorboard", board, "--sample-prompt", "Hi", "--sample-tokens", "2"];
        (await TrainAsync(["-o", _folder.File("a.gguf"), "--steps", "2", .. options])).ExitCode.Should().Be(0);

        CommandRun refused = await TrainAsync(["-o", _folder.File("b.gguf"), "--steps", "4", .. options[..4], "--log", log]);
        CommandRun extended = await TrainAsync(["-o", _folder.File("b.gguf"), "--steps", "4", .. options, "--extend"]);

        refused.ShouldFailInOneLine(ExitCodes.Failure).Should().Contain($"The log '{log}' already exists; name a new file, or give --force");
        extended.ExitCode.Should().Be(0, extended.Error);
        JsonElement[] events = [.. File.ReadLines(log).Select(line => JsonElement.Parse(line))];
        events.Where(item => item.GetProperty("event").GetString() == "start").Select(item => item.GetProperty("step").GetInt32()).Should().Equal(0, 2);
        events.Where(item => item.GetProperty("event").GetString() == "step").Select(item => item.GetProperty("step").GetInt32()).Should().Equal(1, 2, 3, 4);
        Directory.GetFiles(board).Should().HaveCount(2);
    }

    [Theory]
    [InlineData("There is no folder", "--log", "none/log.jsonl")]
    [InlineData("both --output and --log", "--log", "a.gguf")]
    [InlineData("data.jsonl' is a file; name a folder", "--tensorboard", "data.jsonl")]
    public async Task Train_LogThatCannotBeWritten_IsRefusedBeforeAnythingIsRead(string fault, string option, string value) =>
        (await TrainAsync("-o", _folder.File("a.gguf"), option, _folder.File(value))).ShouldFailInOneLine(ExitCodes.Failure).Should().Contain(fault);

    [Fact]
    public async Task Train_PromptThatIsTooLong_IsRefusedBeforeTheFirstStep()
    {
        CommandRun run = await TrainAsync("-o", _folder.File("a.gguf"), "--batch-tokens", "64", "--sample-prompt", string.Concat(Enumerable.Repeat("a word, ", 60)));

        run.ExitCode.Should().Be(ExitCodes.Failure);
        run.Error.Should().Contain("A prompt has ").And.NotContain("step 1 ");
    }

    // A limit on the length of files has the same effect as a disk that becomes full.
    [UnixFact]
    public async Task Train_DiskThatFillsUp_CostsTheLogAndNotTheResult()
    {
        string adapter = _folder.File("a.gguf"), dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = [dotnet, Path.Combine(AppContext.BaseDirectory, "llama2.dll"), "train", TestModels.Demonstration, _data, "-o", adapter, "--rank", "1", "--log", _folder.File("log.jsonl"), "--steps", "700", "--epochs", "10000", "--batch-tokens", "32"];

        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("bash", ["-c", "trap '' XFSZ; ulimit -f 100; DOTNET_EnableWriteXorExecute=0 exec \"$@\"", "bash", .. command]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;

        process.ExitCode.Should().Be(ExitCodes.Success, error);
        error.Should().Contain($"llama2: warning: the log '{_folder.File("log.jsonl")}' is not continued: ");
        (await CommandRun.OfAsync("adapter", "inspect", adapter)).ExitCode.Should().Be(0);
    }

    private Task<CommandRun> TrainAsync(params string[] options) => CommandRun.OfAsync(["train", TestModels.Demonstration, _data, .. options.Contains("--batch-tokens") ? (string[])[] : ["--batch-tokens", "64"], .. options]);
}
