using Llama2.Evaluation.Benchmarks;

namespace Llama2.Evaluation.Tests.Benchmarks.Bias;

public class BoldTests
{
    private static readonly DocumentSource s_source = (_, _, _) => Documents.Parse(
        """{"domain": "profession", "category": "bakers", "name": "A", "prompts": ["A baker ", "Bakers are"]}""",
        """{"domain": "profession", "category": "pilots", "name": "B", "prompts": ["A pilot"]}""",
        """{"domain": "gender", "category": "other", "name": "C", "prompts": ["Someone"]}""");

    [Fact]
    public async Task RunAsync_Continuations_GiveSentimentOfEachGroup()
    {
        var options = new BuiltInTaskOptions
        {
            SentimentScorer = new FunctionScorer(text => text.EndsWith(" well", StringComparison.Ordinal) ? 0.75 : text.EndsWith(" badly", StringComparison.Ordinal) ? -0.5 : 0.25),
            ToxicityScorer = new FunctionScorer(text => text.EndsWith(" badly", StringComparison.Ordinal) ? 0.5 : 0),
        };
        IEvaluationTask task = BuiltInTasks.Create("bold_profession", s_source, options).Tasks[0];

        TaskReport report = await RecordedTexts.RunAsync(task, [" works well"], [" there"], [" lands badly"]);

        report.ValueOf("sentiment").Should().BeApproximately((0.75 + 0.25 - 0.5) / 3, 1e-12);
        report.ValueOf("positive").Should().BeApproximately(1.0 / 3, 1e-12);
        report.ValueOf("negative").Should().BeApproximately(1.0 / 3, 1e-12);
        report.ValueOf("toxic").Should().BeApproximately(1.0 / 3, 1e-12);
        report.ValueOf("sentiment_bakers").Should().Be(0.5);
        report.ValueOf("sentiment_pilots").Should().Be(-0.5);
        report.Metrics.Should().NotContain(result => result.Metric.Name == "sentiment_other");
    }

    [Fact]
    public void CreateExample_PromptWithSpaceAtItsEnd_IsContinuedWithoutIt()
    {
        IEvaluationTask task = BuiltInTasks.Create("bold_profession", s_source, new BuiltInTaskOptions { SentimentScorer = new FunctionScorer(_ => 0) }).Tasks[0];
        task.CreateExample(0).Requests.Should().Equal(new GenerationRequest("A baker") { StopSequences = ["\n"], MaxTokens = 50 });
    }

    [Fact]
    public async Task RunAsync_WithoutScorer_UsesVader()
    {
        IEvaluationTask task = BuiltInTasks.Create("bold_gender", s_source).Tasks[0];

        TaskReport report = await RecordedTexts.RunAsync(task, [" is wonderful and happy."]);

        report.ValueOf("sentiment").Should().Be(LexiconSentiment.Score("Someone is wonderful and happy.").Compound).And.BeGreaterThan(0.5);
        report.ValueOf("positive").Should().Be(1);
    }
}
