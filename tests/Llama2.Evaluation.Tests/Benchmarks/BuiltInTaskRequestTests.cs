using System.Text.Json;
using Llama2.Evaluation.Tests.Harness;

namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>The built-in tasks against the requests that lm-evaluation-harness' own code makes of its task files (tests/Reference/harness_prompts.py).</summary>
public class BuiltInTaskRequestTests
{
    private static readonly JsonElement s_runs = GoldenFile.Read(Path.Combine("harness", "requests.json")).GetProperty("runs");
    private static readonly JsonElement s_documents = GoldenFile.Read(Path.Combine("harness", "documents.json"));

    public static TheoryData<int> Runs => [.. Enumerable.Range(0, s_runs.GetArrayLength()).Where(IsBuiltIn)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void CreateExample_TaskOfTheHarness_MakesTheHarnessRequests(int index)
    {
        JsonElement run = s_runs[index];
        string form = run.GetProperty("form").GetString()!, name = run.GetProperty("task").GetString()!;
        var options = new BuiltInTaskOptions
        {
            // The harness' file of MMLU names no number.
            FewShotCount = run.GetProperty("shots") is { ValueKind: JsonValueKind.Number } shots ? shots.GetInt32() : name.StartsWith("mmlu", StringComparison.Ordinal) ? 0 : null,
            UsesChat = form is "chat" or "turns",
            FewShotsAreTurns = form == "turns",
            SystemPrompt = form is "system" or "chat" ? "Be brief." : null,
        };

        IEvaluationTask task = BuiltInTasks.Create(name, (path, _, split) => [.. s_documents.GetProperty(path).GetProperty(split).EnumerateArray()], options).Tasks.Single();

        JsonElement digests = run.GetProperty("digests");
        // The first requests are compared as such, so that a difference can be read.
        if (run.GetProperty("first") is { ValueKind: JsonValueKind.Array } first)
            Texts(JsonElement.Parse(HarnessRequests.Write(task.CreateExample(0)))).Should().Equal(Texts(first));
        Enumerable.Range(0, digests.GetArrayLength()).Select(i => HarnessRequests.Digest(task.CreateExample(i))).Should().Equal(GoldenFile.Texts(digests));
    }

    // The names of the harness' own files have their folder before them. MBPP's few-shot examples are a part of the data set, which is not in the repository.
    private static bool IsBuiltIn(int index)
        => s_runs[index] is var run && run.GetProperty("file").GetString()!.Contains('/', StringComparison.Ordinal) && run.GetProperty("documents").GetString() == "made up"
            && run.GetProperty("task").GetString()! is var name && BuiltInTasks.Contains(name)
            && (name != "mbpp" || run.GetProperty("shots") is { ValueKind: JsonValueKind.Number } shots && shots.GetInt32() == 0);

    [Fact]
    public void Runs_TasksOfTheHarness_AreAllThatBothHave()
        => Enumerable.Range(0, s_runs.GetArrayLength()).Where(IsBuiltIn).Select(index => s_runs[index].GetProperty("task").GetString()).Distinct().Should().HaveCount(23);

    private static IEnumerable<string> Texts(JsonElement value)
        => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(Texts) : [value.ToString()];
}
