using Llama2.Evaluation;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators.Tests.Evaluators;

public sealed class JudgeEvaluatorTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly ChatMessage[] s_messages = [new(ChatRole.System, "Be kind."), new(ChatRole.User, "What does the cow say?")];
    private static readonly ChatResponse s_response = new(new ChatMessage(ChatRole.Assistant, "The cow says moo."));

    [Fact]
    public async Task EvaluateAsync_Groundedness_IsTheProbabilityOfTheJudgesYes()
    {
        var question = new JudgeQuestion("What does the cow say?", "The cow says moo.") { Context = "A cow says moo." };
        JudgeVerdict verdict = await new LlamaJudge(demonstration.Model, JudgeRubric.Groundedness).JudgeAsync(question);

        EvaluationResult result = await new GroundednessEvaluator(demonstration.Model).EvaluateAsync(s_messages, s_response, additionalContext: [new GroundingContext("A cow says moo.")]);

        NumericMetric metric = result.Get<NumericMetric>(GroundednessEvaluator.MetricName);
        metric.Value.Should().Be(verdict.Probabilities[0]);
        metric.Interpretation!.Failed.Should().Be(verdict.Probabilities[0] < 0.5);
        metric.Context.Should().ContainKey(GroundingContext.ContextName);
    }

    [Fact]
    public async Task EvaluateAsync_GroundednessWithoutAText_SaysWhatIsMissing()
    {
        EvaluationResult result = await new GroundednessEvaluator(demonstration.Model).EvaluateAsync(s_messages, s_response);

        NumericMetric metric = result.Get<NumericMetric>(GroundednessEvaluator.MetricName);
        metric.Value.Should().BeNull();
        metric.Diagnostics.Should().ContainSingle().Which.Message.Should().Contain("GroundingContext");
    }

    [Fact]
    public async Task EvaluateAsync_RubricOfOnesOwn_GivesTheLabelAndAllProbabilities()
    {
        var rubric = new JudgeRubric("animal", "Which animal is it?", ["cow", "xylophone"]);
        var evaluator = new JudgeEvaluator(
            new LlamaJudge(demonstration.Model, rubric), rubric, verdict => new EvaluationMetricInterpretation(EvaluationRating.Good, failed: verdict.Label != "cow"));

        EvaluationResult result = await new CompositeEvaluator(evaluator, new ReferenceAnswerEvaluator()).EvaluateAsync(s_messages, s_response);

        StringMetric metric = result.Get<StringMetric>("animal");
        metric.Value.Should().Be("cow");
        metric.Reason.Should().MatchRegex(@"^cow [0-9.]+ %, xylophone [0-9.]+ %$");
        metric.Interpretation!.Failed.Should().BeFalse();
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Groundedness_ThresholdOutOfRange_IsRefused(double threshold)
    {
        Action create = () => _ = new GroundednessEvaluator(demonstration.Model, threshold);

        create.Should().Throw<ArgumentOutOfRangeException>();
    }
}
