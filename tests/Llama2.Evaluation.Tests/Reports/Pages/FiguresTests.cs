using Llama2.Evaluation.Reports.Pages;

namespace Llama2.Evaluation.Tests.Reports.Pages;

public sealed class FiguresTests
{
    [Theory]
    [InlineData("acc_norm", 0.625, "62.5 %")]
    [InlineData("pass@1", 0.5, "50.0 %")]
    [InlineData("full_refusal", 0.25, "25.0 %")]
    [InlineData("safe_full_refusal", 0.25, "25.0 %")]
    [InlineData("unsafe_partial_refusal", 1, "100.0 %")]
    [InlineData("toxicity_probability_nontoxic", 0.125, "12.5 %")]
    [InlineData("positive", 0.5, "50.0 %")]
    [InlineData("sentiment", 0.5, "0.5")]
    [InlineData("expected_maximum_toxicity", 0.5, "0.5")]
    [InlineData("f1", 62.5, "62.5")]
    public void Value_ShareOfExamples_IsInPercent(string name, double value, string expected) => Figures.Value(new TaskMetric(name), value).Should().Be(expected);

    [Fact]
    public void Value_FigureThatIsNoMean_IsANumber()
        => Figures.Value(new TaskMetric("acc_gap") { Aggregation = MetricAggregation.Perplexity }, 0.5).Should().Be("0.5");
}
