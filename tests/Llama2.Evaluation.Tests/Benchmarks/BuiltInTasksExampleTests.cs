using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>The example of docs/evaluation.md, with the demonstration model and questions in a folder.</summary>
public sealed class BuiltInTasksExampleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public async Task Example_QuestionsInAFolder_HaveAnAccuracy()
    {
        string folder = _folder;
        foreach (string name in new[] { "ARC-Easy", "ARC-Challenge" })
        {
            Directory.CreateDirectory(Path.Combine(folder, "ai2_arc", name));
            File.WriteAllText(
                Path.Combine(folder, "ai2_arc", name, "test.jsonl"),
                """{"id": "1", "question": "What falls from clouds?", "choices": {"text": ["rain", "stones"], "label": ["A", "B"]}, "answerKey": "A"}""" + "\n");
        }

        using LlamaModel model = LlamaModel.Load(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"));
        EvaluationTaskSet set = BuiltInTasks.Create("ai2_arc", DataFolder.Open(folder));
        EvaluationReport report = await EvaluationRunner.RunAsync(new ModelBackend(model), set.Tasks, new EvaluationRunOptions { Groups = set.Groups });
        foreach (TaskReport task in report.Tasks)
            Console.WriteLine($"{task.Info.Name}: {task.Metrics[0].Metric.Name} {task.Metrics[0].Value:F3}");

        report.Tasks.Select(task => task.Info.Name).Should().Equal("arc_easy", "arc_challenge");
        report.Tasks.Should().OnlyContain(task => task.Metrics[0].SampleCount == 1 && !double.IsNaN(task.Metrics[0].Value));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
