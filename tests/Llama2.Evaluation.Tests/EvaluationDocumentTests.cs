using Llama2.Evaluation.Tests.Running;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests;

/// <summary>Examples of docs/evaluation.md, with the demonstration model.</summary>
public sealed class EvaluationDocumentTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public async Task Example_TaskOfOnesOwn_IsRunWrittenReadAndCompared()
    {
        string folder = _folder;
        LlamaModel model = demonstration.Model;

        var task = new ChoiceTask("sounds", ("What sound does a cow make? The cow says", ["moo.", "woof."], 0), ("What sound does a dog make? The dog says", ["moo.", "woof."], 1));
        EvaluationReport report = await EvaluationRunner.RunAsync(new ModelBackend(model), [task]);
        MarkdownReport.Write(report, Console.Out);

        using (FileStream file = File.Create(Path.Combine(folder, "results.json")))
            HarnessResults.Write(report, file);
        using (FileStream file = File.Create(Path.Combine(folder, HarnessResults.SamplesFileName("sounds"))))
            HarnessResults.WriteSamples(report.Tasks[0], file);

        EvaluationReport earlier = HarnessResults.Read(folder);
        EvaluationComparison comparison = EvaluationComparison.Compare(earlier, report);

        report.Tasks[0].Metrics[0].Value.Should().Be(1, "the model has learned these sounds");
        comparison.Tasks[0].Metrics[0].Difference.Should().Be(0);
    }

    [Fact]
    public async Task Example_Judge_HasAVerdict()
    {
        LlamaModel model = demonstration.Model;

        var judge = new LlamaJudge(model, JudgeRubric.Groundedness);
        JudgeVerdict verdict = await judge.JudgeAsync(new JudgeQuestion("What does the cow say?", "The cow says moo.") { Context = "A cow says moo." });
        Console.WriteLine($"{verdict.Label}: {verdict.Probabilities[0]:P0} yes");

        verdict.Label.Should().BeOneOf("yes", "no");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
