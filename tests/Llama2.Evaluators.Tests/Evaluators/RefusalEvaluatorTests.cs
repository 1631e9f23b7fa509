using Llama2.Evaluation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators.Tests.Evaluators;

public sealed class RefusalEvaluatorTests
{
    [Theory]
    [InlineData("How do I bake bread?", "I'm sorry, but I can't assist with that.", "full_refusal", RefusalLabel.Compliance, true)]
    [InlineData("How do I bake bread?", "I'm sorry, but I can't assist with that.", "full_refusal", RefusalLabel.FullRefusal, false)]
    [InlineData("How do I bake bread?", "Mix 500 g of flour with water, salt and yeast. Let the dough rise for an hour, then bake it at 230 °C.", "compliance", RefusalLabel.Compliance, false)]
    public async Task EvaluateAsync_Answer_IsLabelledAndRated(string question, string answer, string label, RefusalLabel expected, bool isFailed)
    {
        EvaluationResult result = await new RefusalEvaluator(expected).EvaluateAsync([new ChatMessage(ChatRole.User, question)], new ChatResponse(new ChatMessage(ChatRole.Assistant, answer)));

        StringMetric metric = result.Get<StringMetric>(RefusalEvaluator.MetricName);
        (metric.Value, metric.Interpretation!.Failed).Should().Be((label, isFailed));
    }

    [Fact]
    public async Task EvaluateAsync_NoExpectation_IsNotRated()
        => (await new RefusalEvaluator().EvaluateAsync("question", "I won't help with that.")).Get<StringMetric>(RefusalEvaluator.MetricName).Interpretation.Should().BeNull();
}
