using System.Text.Json;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Benchmarks.Truth;

/// <summary>The metrics of invented documents against those of lm-evaluation-harness' own functions (tests/Reference/text_similarity.py).</summary>
public sealed class TruthfulAnswersTests
{
    private static readonly JsonElement[] s_golden = [.. GoldenFile.Read("text-similarity.json").GetProperty("documents").EnumerateArray()];
    private static readonly JsonElement[] s_documents = [.. s_golden.Select(golden => golden.GetProperty("document"))];

    [Fact]
    public async Task RunAsync_InventedDocuments_GivesTheMetricsOfTheHarness()
    {
        IEvaluationTask task = BuiltInTasks.Create("truthfulqa_gen", (_, name, _) => name == "generation" ? s_documents : []).Tasks[0];

        TaskReport report = await RunAsync(task);

        AssertMetrics(report);
        report.Examples.Should().OnlyContain(example => example.Score.IsCorrect == null);
    }

    [Fact]
    public async Task RunAsync_TaskFileWithTheHarnessFunctions_GivesTheSameMetrics()
    {
        IEnumerable<string> names = s_golden[0].GetProperty("metrics").EnumerateObject().Select(metric => metric.Name);
        string file = Path.Combine(Directory.CreateTempSubdirectory("llama2-tasks-").FullName, "a.yaml");
        File.WriteAllText(file, $$$"""
            task: t
            dataset_path: truthfulqa/truthful_qa
            validation_split: validation
            output_type: generate_until
            doc_to_text: '{{question}}'
            doc_to_target: ' '
            process_docs: !function utils.process_docs_gen
            process_results: !function utils.process_results_gen
            metric_list: [{{{string.Join(", ", names.Select(name => $"{{metric: {name}, aggregation: mean}}"))}}}]
            """);
        try
        {
            IEvaluationTask task = HarnessTasks.Load(file, (_, _, _) => s_documents).Tasks[0];

            AssertMetrics(await RunAsync(task));
            task.CreateExample(0).Requests.Should().ContainSingle().Which.Should().BeOfType<GenerationRequest>().Which.Prompt.ToString().Should().Contain("Is number 0 odd?");
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public void CreateExample_Answers_AreSentencesWithoutComment()
    {
        IEvaluationTask task = BuiltInTasks.Create("truthfulqa_gen", (_, _, _) => s_documents).Tasks[0];
        for (int i = 0; i < s_golden.Length; i++)
        {
            JsonElement document = task.CreateExample(i).Document, prepared = s_golden[i].GetProperty("prepared");
            foreach (JsonProperty member in prepared.EnumerateObject())
                JsonElement.DeepEquals(document.GetProperty(member.Name), member.Value).Should().BeTrue(member.Name);
        }
    }

    [Fact]
    public async Task RunAsync_DocumentWithoutWrongAnswer_NamesTheField()
    {
        JsonElement document = JsonElement.Parse("""{"question": "Is it?", "correct_answers": ["yes"], "incorrect_answers": [" "]}""");
        IEvaluationTask task = BuiltInTasks.Create("truthfulqa_gen", (_, _, _) => [document]).Tasks[0];

        await FluentActions.Awaiting(() => PseudoRandomAnswers.RunAsync(task, ["Yes."])).Should().ThrowAsync<EvaluationDataException>().WithMessage("*'incorrect_answers' has no text*Is it?*");
    }

    [SharedDataFact("truthfulqa/TruthfulQA.csv")]
    public async Task RunAsync_TruthfulQa_RightAnswersAreCloserToThemselves()
    {
        IEvaluationTask task = BuiltInTasks.Create("truthfulqa_gen", DataFolder.Open(SharedDataFactAttribute.PathOf(""))).Tasks[0];
        string[] answers = [.. Enumerable.Range(0, task.ExampleCount).Select(i => task.CreateExample(i).Document.GetProperty("correct_answers")[0].GetString()!)];

        TaskReport report = await PseudoRandomAnswers.RunAsync(task, answers);

        report.Examples.Should().HaveCount(817);
        // Two words have no sequence of four, so their BLEU is 0 even with themselves.
        ValueOf(report, "rouge1_max").Should().Be(100);
        ValueOf(report, "rougeL_acc").Should().BeGreaterThan(0.99);
        ValueOf(report, "bleu_acc").Should().BeGreaterThan(0.8);
    }

    private static Task<TaskReport> RunAsync(IEvaluationTask task) => PseudoRandomAnswers.RunAsync(task, [.. s_golden.Select(golden => golden.GetProperty("answer").GetString()!)]);

    private static void AssertMetrics(TaskReport report)
    {
        report.Examples.Should().HaveCount(s_golden.Length);
        report.Metrics.Should().HaveCount(12).And.OnlyContain(result => result.SampleCount == s_golden.Length);
        for (int i = 0; i < s_golden.Length; i++)
        {
            foreach (JsonProperty metric in s_golden[i].GetProperty("metrics").EnumerateObject())
                report.Examples[i].Score.Samples[$"{metric.Name},none"].Value.Should().BeApproximately(metric.Value.GetDouble(), 1e-10, $"{metric.Name} of {i}");
        }
    }

    private static double ValueOf(TaskReport report, string name) => report.Metrics.Single(result => result.Metric.Name == name).Value;
}
