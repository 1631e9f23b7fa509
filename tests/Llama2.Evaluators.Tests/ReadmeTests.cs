using Llama2.Guard;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;

namespace Llama2.Evaluators.Tests;

public sealed class ReadmeTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    [Fact]
    public async Task EvaluateAsync_ExampleOfTheReadme_GivesAllMetrics()
    {
        LlamaModel model = demonstration.Model;
        ChatMessage[] messages = [new(ChatRole.User, "What does the cow say?")];
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, "The cow says moo."));
        const string documents = "A cow says moo.";

        CompositeEvaluator evaluator = new(new GuardEvaluator(new RuleGuard()), new GroundednessEvaluator(model));
        EvaluationResult result = await evaluator.EvaluateAsync(messages, response, additionalContext: [new GroundingContext(documents)]);

        result.Metrics.Keys.Should().BeEquivalentTo(GuardEvaluator.InputMetricName, GuardEvaluator.OutputMetricName, GroundednessEvaluator.MetricName);
    }
}
