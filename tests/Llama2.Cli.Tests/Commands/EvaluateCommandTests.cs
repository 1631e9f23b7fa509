using System.Diagnostics;
using System.Text.Json;
using Llama2.Tests;
using Llama2.Tests.Grammar.Schemas;
using Llama2.Tests.Store;

namespace Llama2.Cli.Tests.Commands;

public sealed class EvaluateCommandTests : IDisposable
{
    private const int QuestionCount = 40;
    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public EvaluateCommandTests()
    {
        // Questions in the form in which MMLU's authors publish theirs; the choices are words that the demonstration model knows more or less well.
        _data = _folder.File("data");
        string[] words = ["dog", "moo", "ball", "cow"];
        Directory.CreateDirectory(Path.Combine(_data, "test"));
        File.WriteAllLines(
            Path.Combine(_data, "test", "anatomy_test.csv"),
            [.. Enumerable.Range(0, QuestionCount).Select(i => $"\"There were {i} dogs. One dog said, \"\"Hello\"\".\",{words[i % 4]},{words[(i + 1) % 4]},{words[(i + 2) % 4]},{words[(i + 3) % 4]},{"ABCD"[i % 3]}")]);
        Directory.CreateDirectory(Path.Combine(_data, "dev"));
        File.Copy(Path.Combine(_data, "test", "anatomy_test.csv"), Path.Combine(_data, "dev", "anatomy_dev.csv"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_BuiltInTask_WritesALineForEachMetric()
    {
        CommandRun run = await RunAsync("--task", "mmlu_anatomy_continuation", "--limit", "12");

        run.ShouldSucceed();
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().HaveCount(3);
        lines[0].Should().MatchRegex("^task +shots +metric +filter +value +stderr +n$");
        lines[1].Should().MatchRegex(@"^anatomy.* 1 +acc ↑ +none +[01]\.\d{4} +0\.\d{4} +12$");
        lines[2].Should().MatchRegex(@"^anatomy.* 1 +acc_norm ↑ +none +[01]\.\d{4} +0\.\d{4} +12$");
    }

    [Fact]
    public async Task Evaluate_PulledDataset_IsFoundByItsName()
    {
        using var fixture = new StoredModelsFixture(
            new TestHub([.. Directory.GetFiles(_data, "*.csv", SearchOption.AllDirectories).Select(path => (Path.GetRelativePath(_data, path).Replace('\\', '/'), File.ReadAllBytes(path)))]) { IsOfData = true });
        string[] arguments = ["evaluate", TestModels.Demonstration, "--task", "mmlu_anatomy", "--limit", "3", "--data", "datasets/owner/repo"];

        (await fixture.RunAsync(arguments)).Error.Should().Contain("'llama2 pull datasets/owner/repo' pulls it");
        (await fixture.RunAsync("pull", "datasets/owner/repo")).ShouldSucceed();
        CommandRun run = await fixture.RunAsync(arguments);

        run.ShouldSucceed();
        run.Output.Should().Contain("anatomy");
    }

    [Fact]
    public async Task Evaluate_TwoTasksOfOneName_AreRefusedUnlessTheyAreEqual()
    {
        const string Task = "task: mine\ndataset_path: cais/mmlu\ndataset_name: anatomy\ntest_split: test\noutput_type: multiple_choice\ndoc_to_text: '{{question}}'\ndoc_to_choice: '{{choices}}'\ndoc_to_target: answer\n";
        string first = _folder.File("first.yaml"), second = _folder.File("second.yaml"), third = _folder.File("third.yaml");
        File.WriteAllText(first, Task);
        File.WriteAllText(second, Task.Replace("{{question}}", "Q: {{question}}", StringComparison.Ordinal));
        File.WriteAllText(third, Task);

        (await RunAsync("--task", first, "--task", third, "--limit", "2")).ShouldSucceed();
        CommandRun run = await RunAsync("--task", first, "--task", second, "--limit", "2");

        run.ExitCode.Should().Be(1);
        run.Error.Should().Contain("second.yaml").And.Contain("'mine'");
    }

    [Fact]
    public async Task Evaluate_TaskFile_GivesTheSameFiguresAsTheBuiltInTask()
    {
        string file = _folder.File("own.yaml");
        File.WriteAllText(file, """
            task: own
            dataset_path: cais/mmlu
            dataset_name: anatomy
            test_split: test
            output_type: multiple_choice
            doc_to_text: "{{question.strip()}}\nA. {{choices[0]}}\nB. {{choices[1]}}\nC. {{choices[2]}}\nD. {{choices[3]}}\nAnswer:"
            doc_to_choice: ["A", "B", "C", "D"]
            doc_to_target: answer
            description: "The following are multiple choice questions (with answers) about anatomy.\n\n"
            """);

        CommandRun run = await RunAsync("--task", file, "--task", "mmlu_anatomy", "--shots", "0", "--json");

        run.ShouldSucceed();
        JsonElement results = JsonElement.Parse(run.Output).GetProperty("results");
        results.GetProperty("own").GetProperty("acc,none").GetDouble().Should().Be(results.GetProperty("mmlu_anatomy").GetProperty("acc,none").GetDouble());
    }

    [Fact]
    public async Task Evaluate_FolderWithATaskInPython_RunsTheOthersAndNamesTheFunction()
    {
        string folder = Directory.CreateDirectory(_folder.File("tasks")).FullName;
        File.WriteAllText(Path.Combine(folder, "good.yaml"), "task: good\ndataset_path: cais/mmlu\ndataset_name: anatomy\ntest_split: test\noutput_type: multiple_choice\ndoc_to_text: question\ndoc_to_choice: choices\ndoc_to_target: answer\n");
        File.WriteAllText(Path.Combine(folder, "bad.yaml"), "task: bad\ndataset_path: cais/mmlu\ndataset_name: anatomy\ntest_split: test\noutput_type: multiple_choice\ndoc_to_text: !function utils.ask\ndoc_to_choice: choices\ndoc_to_target: answer\n");

        CommandRun run = await RunAsync("--task", folder, "--limit", "3");

        run.ShouldSucceed();
        run.Output.Should().Contain("good").And.NotContain("bad");
        run.Error.Should().Contain("utils.ask").And.Contain("bad.yaml");
    }

    [Fact]
    public async Task Evaluate_Json_HasTheHarnessFields()
    {
        CommandRun run = await RunAsync("--task", "mmlu_anatomy", "--json");

        run.ShouldSucceed();
        JsonElement root = JsonElement.Parse(run.Output);
        JsonElement result = root.GetProperty("results").GetProperty("mmlu_anatomy");
        double accuracy = result.GetProperty("acc,none").GetDouble();
        (accuracy * QuestionCount).Should().BeApproximately(Math.Round(accuracy * QuestionCount), 1e-9);
        result.GetProperty("acc_stderr,none").GetDouble().Should().BeApproximately(Math.Sqrt(accuracy * (1 - accuracy) / (QuestionCount - 1)), 1e-12);
        root.GetProperty("n-samples").GetProperty("mmlu_anatomy").GetProperty("effective").GetInt32().Should().Be(QuestionCount);
        root.GetProperty("n-shot").GetProperty("mmlu_anatomy").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task Evaluate_Shots_ChangeTheResultsAndNotTheQuestions()
    {
        CommandRun none = await RunAsync("--task", "mmlu_anatomy", "--json", "--shots", "0");

        none.ShouldSucceed();
        JsonElement.Parse(none.Output).GetProperty("n-shot").GetProperty("mmlu_anatomy").GetInt32().Should().Be(0);
    }

    [Fact]
    public async Task Evaluate_KilledAtTwentyRandomMoments_ContinuesToTheSameResults()
    {
        string[] arguments = ["evaluate", TestModels.Demonstration, "--task", "mmlu_anatomy_continuation", "--data", _data, "--shots", "1", "--concurrent", "2", "--output"];
        string whole = _folder.File("whole"), killed = _folder.File("killed");
        (await CommandProcess.RunAsync([.. arguments, whole])).ExitCode.Should().Be(0);
        long journalLength = new FileInfo(Path.Combine(whole, "responses.jsonl")).Length;
        var random = new Random(1);
        int interruptedCount = 0;
        foreach (double fraction in Enumerable.Range(0, 20).Select(_ => random.NextDouble()).Order())
        {
            using Process process = CommandProcess.StartCommand([.. arguments, killed]);
            // Waits until the journal has a part of its final length, or the command has ended before it was killed.
            var journal = new FileInfo(Path.Combine(killed, "responses.jsonl"));
            while (!process.HasExited && LengthOf(journal) < fraction * journalLength)
                await Task.Yield();
            interruptedCount += process.HasExited ? 0 : 1;
            process.Kill();
            await process.WaitForExitAsync();
        }

        (int exitCode, string output, _) = await CommandProcess.RunAsync([.. arguments, killed]);

        exitCode.Should().Be(0);
        output.Should().Be((await CommandProcess.RunAsync([.. arguments, whole])).Output);
        ResultsOf(killed).Should().Be(ResultsOf(whole));
        interruptedCount.Should().BeGreaterThan(10, "a test that interrupts nothing shows nothing");
        // Each response was computed once, except the ones that were being computed when the process was killed.
        File.ReadAllLines(Path.Combine(killed, "responses.jsonl")).Length.Should().BeInRange((4 * QuestionCount) + 1, (4 * QuestionCount) + 1 + (20 * 8));

        static long LengthOf(FileInfo file)
        {
            file.Refresh();
            return file.Exists ? file.Length : -1;
        }

        static string ResultsOf(string folder) => JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "results.json"))).GetProperty("results").GetRawText();
    }

    [Fact]
    public async Task Evaluate_OutputOfAnotherModel_IsRefused()
    {
        string output = _folder.File("out");
        (await RunAsync("--task", "mmlu_anatomy", "--limit", "1", "--output", output)).ExitCode.Should().Be(0);

        CommandRun run = await RunAsync("--task", "mmlu_anatomy", "--limit", "1", "--output", output, "--no-bos");

        run.ShouldFailInOneLine(1).Should().Contain("another model or of other options");
    }

    [SharedDataFact("mmlu")]
    public async Task Evaluate_RecordedMmlu_HasTheHarnessFiguresOfAllSubjects()
    {
        CommandRun run = await CommandRun.OfAsync(
            "evaluate", "--task", "mmlu", "--data", Path.Combine(RepositoryFiles.Shared, "data", "mmlu"), "--recorded", RepositoryFiles.Golden("evaluation", "mmlu-recorded.json"), "--json");

        run.ShouldSucceed();
        Dictionary<string, JsonElement> actual = JsonElement.Parse(run.Output).EnumerateArray().ToDictionary(result => result.GetProperty("subject").GetString()!);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Golden("evaluation", "mmlu-recorded.json")));
        actual.Should().HaveCount(golden.RootElement.GetArrayLength());
        foreach (JsonElement subject in golden.RootElement.EnumerateArray())
        {
            foreach (JsonProperty figure in subject.GetProperty("expected").EnumerateObject())
                actual[subject.GetProperty("subject").GetString()!].GetProperty(figure.Name).GetDouble().Should().BeApproximately(figure.Value.GetDouble(), 1e-12);
        }
    }

    [Fact]
    public async Task Evaluate_List_NamesTheTasksWithTheirDataSets()
    {
        CommandRun run = await CommandRun.OfAsync("evaluate", "--list", "--json");

        run.ShouldSucceed();
        JsonElement root = JsonElement.Parse(run.Output);
        root.GetProperty("hellaswag").GetProperty("dataset_path").GetString().Should().Be("Rowan/hellaswag");
        root.GetProperty("mmlu").GetProperty("tasks").GetArrayLength().Should().Be(4);
        (await CommandRun.OfAsync("evaluate", "--list")).Output.Should().Contain("gsm8k");
    }

    [Theory]
    [InlineData("Name a task with --task")]
    [InlineData("--data", "--task", "mmlu")]
    [InlineData("Name a model", "--task", "mmlu", "--data", ".")]
    [InlineData("--recorded is for --task mmlu", "--task", "gsm8k", "--data", ".", "--recorded", "x")]
    [InlineData("replaces MODEL", "model.gguf", "--task", "mmlu", "--data", ".", "--recorded", "x")]
    [InlineData("--recorded needs only --task, --data and --json; omit --limit", "--task", "mmlu", "--data", ".", "--recorded", "x", "--limit", "1")]
    [InlineData("--shots-as-turns needs --chat", "model.gguf", "--task", "mmlu", "--data", ".", "--shots-as-turns")]
    [InlineData("--limit", "model.gguf", "--task", "mmlu", "--data", ".", "--limit", "0")]
    [InlineData("--shots", "model.gguf", "--task", "mmlu", "--data", ".", "--shots", "101")]
    public async Task Evaluate_WrongUsage_IsRefused(string message, params string[] arguments)
        => (await CommandRun.OfAsync(["evaluate", .. arguments])).ShouldFailInOneLine(2).Should().Contain(message);

    [Theory]
    [InlineData("There is no task 'nothing'", "--task", "nothing")]
    [InlineData("gsm8k", "--task", "gsm8k")]
    public async Task Evaluate_MissingTaskOrData_IsRefusedBeforeTheModelIsLoaded(string message, params string[] arguments)
        => (await RunAsync(arguments)).ShouldFailInOneLine(1).Should().Contain(message);

    private Task<CommandRun> RunAsync(params string[] arguments)
        => CommandRun.OfAsync(["evaluate", TestModels.Demonstration, "--data", _data, .. arguments.Contains("--shots") ? arguments : [.. arguments, "--shots", "1"]]);
}
