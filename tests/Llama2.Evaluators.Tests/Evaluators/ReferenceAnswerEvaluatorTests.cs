using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators.Tests.Evaluators;

/// <summary>The values are those of SQuAD's evaluation script, written anew in <c>tests/Reference/squad-f1.py</c>.</summary>
public sealed class ReferenceAnswerEvaluatorTests
{
    [Theory]
    [InlineData("The Eiffel Tower.", "eiffel tower", true, 1.0)]
    [InlineData("It is in Paris, France", "Paris", false, 0.3333333333333333)]
    [InlineData("a cat and a dog", "the dog and the cat", false, 1.0)]
    [InlineData("to be or not to be", "to be", false, 0.5)]
    [InlineData("U.S.A.", "usa", true, 1.0)]
    [InlineData("nothing alike", "42", false, 0.0)]
    [InlineData("", "42", false, 0.0)]
    [InlineData("the", "a", true, 1.0)]
    public async Task EvaluateAsync_Answer_HasSquadsFigures(string answer, string reference, bool isExact, double f1)
    {
        EvaluationResult result = await EvaluateAsync(answer, reference);

        result.Get<BooleanMetric>(ReferenceAnswerEvaluator.ExactMatchMetricName).Value.Should().Be(isExact);
        result.Get<NumericMetric>(ReferenceAnswerEvaluator.F1MetricName).Value.Should().BeApproximately(f1, 1e-15);
    }

    [Theory]
    [InlineData("It is in Paris, France", true)]
    [InlineData("Parisian food", false)]
    [InlineData("PARIS!", true)]
    public async Task EvaluateAsync_Contains_FindsWholeWords(string answer, bool isContained)
        => (await EvaluateAsync(answer, "Paris")).Get<BooleanMetric>(ReferenceAnswerEvaluator.ContainsMetricName).Value.Should().Be(isContained);

    [Fact]
    public async Task EvaluateAsync_SeveralReferences_CountsTheBestOne()
        => (await EvaluateAsync("Paris", "London", "the city of Paris", "Paris.")).Get<NumericMetric>(ReferenceAnswerEvaluator.F1MetricName).Value.Should().Be(1);

    [Fact]
    public async Task EvaluateAsync_NoReference_HasNoValueAndSaysWhatIsMissing()
    {
        EvaluationResult result = await new ReferenceAnswerEvaluator().EvaluateAsync("question", "answer");

        result.Metrics.Should().HaveCount(3);
        result.ContainsDiagnostics(diagnostic => diagnostic.Message.Contains("ReferenceAnswerContext", StringComparison.Ordinal)).Should().BeTrue();
        result.Get<NumericMetric>(ReferenceAnswerEvaluator.F1MetricName).Value.Should().BeNull();
    }

    [Fact]
    public void Context_NoAnswers_IsRefused()
    {
        Action create = () => _ = new ReferenceAnswerContext();

        create.Should().Throw<ArgumentException>();
    }

    private static async Task<EvaluationResult> EvaluateAsync(string answer, params string[] references)
        => await new ReferenceAnswerEvaluator().EvaluateAsync(
            [new ChatMessage(ChatRole.User, "Where?")], new ChatResponse(new ChatMessage(ChatRole.Assistant, answer)), additionalContext: [new ReferenceAnswerContext(references)]);
}
