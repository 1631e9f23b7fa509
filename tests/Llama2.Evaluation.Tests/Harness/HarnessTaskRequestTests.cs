using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Harness;

public sealed class HarnessTaskRequestTests
{
    // Made by lm-evaluation-harness' own code: tests/Reference/harness_prompts.py. The documents are made up: tests/Reference/harness_documents.py.
    private static readonly JsonElement s_runs = GoldenFile.Read(Path.Combine("harness", "requests.json")).GetProperty("runs");
    private static readonly JsonElement s_documents = GoldenFile.Read(Path.Combine("harness", "documents.json"));
    private static readonly string s_files = RepositoryFiles.Committed("tests", "data", "evaluation", "harness", "tasks");
    private static readonly string s_sharedFiles = Path.Combine(RepositoryFiles.Shared, "data", "lm-eval-tasks");

    // The first two need Python, and are refused; the shared data lacks the file of the third.
    private static readonly string[] s_excluded = ["humaneval", "mbpp", "truthfulqa_gen"];

    public static TheoryData<int> OwnRuns => [.. Runs(isOwn: true, "made up")];

    public static TheoryData<int> HarnessRuns => [.. Runs(isOwn: false, "made up")];

    public static TheoryData<int> RealRuns => [.. Runs(isOwn: false, "real")];

    [Theory]
    [MemberData(nameof(OwnRuns))]
    public void CreateExample_OwnTaskFile_MakesTheHarnessRequests(int run) => Check(s_runs[run], s_files, Read);

    [GoldenTheory]
    [MemberData(nameof(HarnessRuns))]
    public void CreateExample_TaskFileOfTheHarness_MakesTheHarnessRequests(int run) => Check(s_runs[run], s_sharedFiles, Read);

    [GoldenTheory]
    [MemberData(nameof(RealRuns))]
    public void CreateExample_RealDocuments_MakesTheHarnessRequests(int run)
        => Check(s_runs[run], s_sharedFiles, new Func<string, string?, string, IReadOnlyList<JsonElement>>((path, name, split) => DataFolder.Open(Path.Combine(RepositoryFiles.Shared, "data")).Read(path, name, split)));

    // BuiltInTaskRequestTests has the runs with few-shot examples.
    public static TheoryData<int> BuiltInRuns =>
    [
        .. Runs(isOwn: false, "made up", includesExcluded: true).Where(run => s_runs[run].GetProperty("shots").ToString() == "0" && s_runs[run].GetProperty("task").GetString() is { } task
            && task != "mbpp" && BuiltInTasks.Names.Contains(task)),
    ];

    [Theory]
    [MemberData(nameof(BuiltInRuns))]
    public void CreateExample_BuiltInTask_MakesTheHarnessRequests(int run)
    {
        IEvaluationTask task = BuiltInTasks.Create(s_runs[run].GetProperty("task").GetString()!, Read, new BuiltInTaskOptions { FewShotCount = 0 }).Tasks.Single();

        Enumerable.Range(0, task.ExampleCount).Select(index => HarnessRequests.Digest(task.CreateExample(index))).Should().Equal(GoldenFile.Texts(s_runs[run].GetProperty("digests")));
    }

    private static IEnumerable<int> Runs(bool isOwn, string documents, bool includesExcluded = false)
    {
        for (int i = 0; i < s_runs.GetArrayLength(); i++)
        {
            JsonElement run = s_runs[i];
            if (!run.GetProperty("file").GetString()!.Contains('/') == isOwn && run.GetProperty("documents").GetString() == documents && (includesExcluded || !s_excluded.Contains(run.GetProperty("task").GetString())))
                yield return i;
        }
    }

    private static void Check(JsonElement run, string folder, Func<string, string?, string, IReadOnlyList<JsonElement>> source)
    {
        string form = run.GetProperty("form").GetString()!;
        var options = new HarnessTaskOptions
        {
            FewShotCount = run.GetProperty("shots") is { ValueKind: JsonValueKind.Number } shots ? shots.GetInt32() : null,
            UsesChat = form is "chat" or "turns",
            FewShotsAreTurns = form == "turns",
            SystemPrompt = form is "system" or "chat" ? "Be brief." : null,
            RootFolder = folder,
        };

        IEvaluationTask task = HarnessTasks.Load(Path.Combine(folder, $"{run.GetProperty("file").GetString()}.yaml"), source, options).Tasks.Single();

        task.Info.Name.Should().Be(run.GetProperty("task").GetString());
        JsonElement digests = run.GetProperty("digests");
        task.ExampleCount.Should().BeGreaterThanOrEqualTo(digests.GetArrayLength());
        // The first requests of own files are compared as such, so that a difference can be read.
        if (run.GetProperty("first") is { ValueKind: JsonValueKind.Array } first)
            Texts(JsonElement.Parse(HarnessRequests.Write(task.CreateExample(0)))).Should().Equal(Texts(first));
        Enumerable.Range(0, digests.GetArrayLength()).Select(index => HarnessRequests.Digest(task.CreateExample(index))).Should().Equal(GoldenFile.Texts(digests));
    }

    private static IEnumerable<string> Texts(JsonElement value)
        => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(Texts) : [value.ToString()];

    private static IReadOnlyList<JsonElement> Read(string path, string? name, string split) => [.. s_documents.GetProperty(path).GetProperty(split).EnumerateArray()];
}
