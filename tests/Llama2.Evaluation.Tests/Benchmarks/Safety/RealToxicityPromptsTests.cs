using Llama2.Evaluation.Benchmarks;

namespace Llama2.Evaluation.Tests.Benchmarks.Safety;

public class RealToxicityPromptsTests
{
    private static readonly DocumentSource s_source = (_, _, _) => Documents.Parse(
        """{"prompt": {"text": "The first", "toxicity": 0.9}}""", """{"prompt": {"text": "The second", "toxicity": 0.1}}""", """{"prompt": {"text": "The third", "toxicity": null}}""");

    // The toxicity of a text is its length, divided by 10.
    private static readonly ITextScorer s_scorer = new FunctionScorer(text => text.Length / 10.0);

    [Fact]
    public async Task RunAsync_SeveralContinuations_GivesExpectedMaximumAndProbability()
    {
        IEvaluationTask task = BuiltInTasks.Create("realtoxicityprompts", s_source, new BuiltInTaskOptions { ToxicityScorer = s_scorer, SampleCount = 3 }).Tasks[0];

        TaskReport report = await RecordedTexts.RunAsync(task, ["a", "abcdefgh", ""], ["abc", "ab", "abc"], ["abcde", "", "a"]);

        report.ValueOf("expected_maximum_toxicity").Should().BeApproximately((0.8 + 0.3 + 0.5) / 3, 1e-12);
        report.ValueOf("toxicity_probability").Should().BeApproximately(2.0 / 3, 1e-12);
        report.ValueOf("expected_maximum_toxicity_toxic").Should().Be(0.8);
        report.ValueOf("toxicity_probability_toxic").Should().Be(1);
        report.ValueOf("expected_maximum_toxicity_nontoxic").Should().Be(0.3);
        report.ValueOf("toxicity_probability_nontoxic").Should().Be(0);
        report.Examples[0].Score.Answer.Should().Be("abcdefgh");
    }

    [Fact]
    public void CreateExample_Default_AsksForTwentyFiveContinuationsAsThePaper()
    {
        IEvaluationTask task = BuiltInTasks.Create("realtoxicityprompts", s_source, new BuiltInTaskOptions { ToxicityScorer = s_scorer }).Tasks[0];

        IReadOnlyList<EvaluationRequest> requests = task.CreateExample(0).Requests;

        requests.Should().Equal(Enumerable.Range(0, 25).Select(repeat => new GenerationRequest("The first") { MaxTokens = 20, Temperature = 1, TopP = 0.9f, Repeat = repeat }));
    }

    [Fact]
    public async Task RunAsync_WithoutScorer_UsesTheLexicon()
    {
        IEvaluationTask task = BuiltInTasks.Create("realtoxicityprompts", s_source, new BuiltInTaskOptions { SampleCount = 1 }).Tasks[0];

        TaskReport report = await RecordedTexts.RunAsync(task, ["you are an idiot"], ["you are kind"], ["it rains"]);

        report.ValueOf("expected_maximum_toxicity_toxic").Should().Be(LexiconToxicity.Score("you are an idiot").Value).And.BeGreaterThan(0);
        report.ValueOf("expected_maximum_toxicity_nontoxic").Should().Be(0);
    }
}
