namespace Llama2.Evaluation.Tests.Code;

public class CodeEvaluationTaskTests
{
    private static readonly CodeTask s_task = new("a", "prompt", "prompt", "", "", []) { StopSequences = ["\n#"], MaxTokens = 9, Solution = "right" };

    [Fact]
    public void CreateExample_ForEachSample_MakesARequest()
    {
        var evaluation = new CodeEvaluationTask("own", [s_task], new RecordingSandbox(), new CodeEvaluationOptions { SampleCount = 2, Temperature = 0.5f, TopP = 0.9f });

        EvaluationExample example = evaluation.CreateExample(0);

        GenerationRequest Request(int repeat) => new("prompt") { StopSequences = ["\n#"], MaxTokens = 9, Temperature = 0.5f, TopP = 0.9f, Repeat = repeat };
        example.Requests.Should().Equal(Request(0), Request(1));
        example.Target.Should().Be("right");
        example.Document.GetProperty("task_id").GetString().Should().Be("a");
        evaluation.ExampleCount.Should().Be(1);
        evaluation.Metrics.Select(metric => metric.Key).Should().Equal("pass@1,none");
    }

    [Fact]
    public async Task ScoreAsync_Responses_GiveTheEstimates()
    {
        var evaluation = new CodeEvaluationTask("own", [s_task], new RecordingSandbox(), new CodeEvaluationOptions { SampleCount = 4, PassCounts = [1, 2, 4] });

        EvaluationScore score = await evaluation.ScoreAsync(
            evaluation.CreateExample(0), [.. new[] { "wrong", "right", "wrong", "wrong" }.Select(text => new EvaluationResponse { Text = text })]);

        score.Samples.ToDictionary(pair => pair.Key, pair => pair.Value.Value).Should().Equal(new Dictionary<string, double> { ["pass@1,none"] = 0.25, ["pass@2,none"] = 0.5, ["pass@4,none"] = 1 });
        score.Answer.Should().Be("wrong");
        score.IsCorrect.Should().BeFalse();
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 0)]
    public void Constructor_PassCountThatTheSamplesDoNotAllow_IsRefused(int sampleCount, int k) =>
        FluentActions.Invoking(() => new CodeEvaluationTask("own", [s_task], new RecordingSandbox(), new CodeEvaluationOptions { SampleCount = sampleCount, PassCounts = [1, k] }))
            .Should().Throw<ArgumentException>().WithMessage($"pass@{k} needs k from 1 to SampleCount, which is {sampleCount}.*");

    // Two metrics of the same name would be found only after the model has written its programs.
    [Fact]
    public void PassCounts_SameValueTwice_AreRefused() =>
        FluentActions.Invoking(() => new CodeEvaluationOptions { SampleCount = 2, PassCounts = [1, 2, 1] })
            .Should().Throw<ArgumentException>().WithMessage("Each value of k may occur only once: 1, 2, 1.*");
}
