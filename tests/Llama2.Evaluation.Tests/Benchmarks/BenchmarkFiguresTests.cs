using System.Text.Json;
using Llama2.Evaluation.Benchmarks.Language;
using Llama2.Tests;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>Figures of tasks with their own scoring against <c>tests/Reference/benchmarks.py</c>.</summary>
public class BenchmarkFiguresTests
{
    // Both sides add some hundreds to some thousands of numbers in double precision, in different orders.
    private const double Tolerance = 1e-9;
    private static readonly JsonElement s_documents = Read("documents.json");
    private static readonly JsonElement s_figures = Read("figures.json");

    [Theory]
    [InlineData("truthfulqa_mc1", "truthfulqa")]
    [InlineData("truthfulqa_mc2", "truthfulqa")]
    [InlineData("crows_pairs_english", "crows_pairs")]
    [InlineData("bbq", "bbq")]
    [InlineData("winobias_type1", "winobias")]
    [InlineData("wikitext", "wikitext")]
    public async Task RunAsync_InventedDocuments_GivesTheFiguresOfTheReference(string name, string documents)
    {
        // Tasks of several parts find all documents in the first.
        IReadOnlyList<JsonElement> all = [.. s_documents.GetProperty(documents).EnumerateArray()];
        IEvaluationTask task = BuiltInTasks.Create(name, (_, part, _) => part == "type1_anti" ? [] : all).Tasks[0];

        Compare(await PseudoRandomAnswers.RunAsync(task), s_figures.GetProperty("synthetic").GetProperty(name));
    }

    [Theory]
    [InlineData("squad", "squad")]
    [InlineData("squadv2", "squad")]
    [InlineData("gsm8k", "gsm8k")]
    [InlineData("gsm8k_cot", "gsm8k")]
    [InlineData("nq_open", "short")]
    [InlineData("triviaqa", "short")]
    public async Task RunAsync_RecordedTexts_GivesTheFiguresOfTheReference(string name, string key)
    {
        JsonElement recorded = s_documents.GetProperty("generated").GetProperty(key);
        JsonElement[] documents = [.. recorded.GetProperty("documents").EnumerateArray()];
        string[] answers = [.. recorded.GetProperty("answers").EnumerateArray().Select(answer => answer.GetString()!)];
        if (name == "squad")
        {
            answers = [.. answers.Where((_, i) => documents[i].GetProperty("answers").GetProperty("text").GetArrayLength() > 0)];
            documents = [.. documents.Where(document => document.GetProperty("answers").GetProperty("text").GetArrayLength() > 0)];
        }
        else if (name == "triviaqa")
            documents = [.. documents.Select(document => JsonSerializer.Deserialize<JsonElement>($$"""{"question": "?", "answer": {"aliases": {{document.GetProperty("answer")}} } }"""))];

        IEvaluationTask task = BuiltInTasks.Create(name, (_, _, _) => documents, new BuiltInTaskOptions { FewShotCount = 0 }).Tasks[0];
        TaskReport report = await PseudoRandomAnswers.RunAsync(task, answers);

        Compare(report, s_figures.GetProperty("generated").GetProperty(name));
    }

    [SharedDataFact("truthfulqa/TruthfulQA.csv")]
    public async Task RunAsync_TruthfulQa_GivesTheFiguresOfTheReference()
    {
        foreach (string name in new[] { "truthfulqa_mc1", "truthfulqa_mc2" })
            await CompareRealAsync(name, 817);
    }

    [SharedDataFact("crows_pairs/crows_pairs_anonymized.csv")]
    public Task RunAsync_CrowsPairs_GivesTheFiguresOfTheReference() => CompareRealAsync("crows_pairs_english", 1508);

    [SharedDataFact("bbq/Age.jsonl")]
    public async Task RunAsync_Bbq_GivesTheFiguresOfTheReference()
    {
        foreach ((string category, int count) in new[] { ("age", 3680), ("disability", 1556), ("nationality", 3080), ("physical_appearance", 1576), ("religion", 1200), ("sexual_orientation", 864) })
            await CompareRealAsync($"bbq_{category}", count);
    }

    [SharedDataFact("winobias/pro_stereotyped_type1.txt.test")]
    public async Task RunAsync_WinoBias_GivesTheFiguresOfTheReference()
    {
        foreach (string name in new[] { "winobias_type1", "winobias_type2" })
            await CompareRealAsync(name, 792);
    }

    [Fact]
    public void Detokenize_InventedPages_GivesTheTextsOfTheReference()
    {
        IEnumerable<string> texts = s_documents.GetProperty("wikitext").EnumerateArray().Select(document => WikiText.Detokenize(document.GetProperty("page").GetString()!));
        texts.Should().Equal(s_figures.GetProperty("wikitext").EnumerateArray().Select(text => text.GetString()));
    }

    private static async Task CompareRealAsync(string name, int count)
    {
        IEvaluationTask task = BuiltInTasks.Create(name, DataFolder.Open(SharedDataFactAttribute.PathOf(""))).Tasks[0];
        task.ExampleCount.Should().Be(count);
        Compare(await PseudoRandomAnswers.RunAsync(task), s_figures.GetProperty("real").GetProperty(name));
    }

    private static void Compare(TaskReport report, JsonElement expected)
    {
        // Metrics of generated answers are named after their filters, if there are any.
        report.Metrics.Where(result => result.SampleCount > 0).Select(NameOf).Should().BeEquivalentTo(expected.EnumerateObject().Select(figure => figure.Name));
        foreach (JsonProperty figure in expected.EnumerateObject())
        {
            MetricResult result = report.Metrics.First(metric => NameOf(metric) == figure.Name);
            result.Value.Should().BeApproximately(figure.Value.GetProperty("value").GetDouble(), Tolerance, figure.Name);
            if (!figure.Value.TryGetProperty("stderr", out JsonElement error))
                continue;
            if (error.ValueKind == JsonValueKind.Null)
                result.StandardError.Should().BeNull(figure.Name);
            else
                result.StandardError.Should().BeApproximately(error.GetDouble(), Tolerance, figure.Name);
        }
    }

    private static string NameOf(MetricResult result) => result.Metric.Filter == TaskMetric.NoFilter ? result.Metric.Name : result.Metric.Filter;

    private static JsonElement Read(string name)
        => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "benchmarks", name)));
}
