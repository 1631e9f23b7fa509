using Llama2.Guard;

namespace Llama2.Evaluation.Tests.Benchmarks;

public sealed class GuardToxicityScorerTests
{
    [Theory]
    [InlineData("a", 0.25, 0.25)]
    [InlineData("a", null, 1.0)]
    [InlineData(" ", 0.25, 0.0)]
    public async Task ScoreAsync_Text_IsTheGuardsProbabilityOrItsVerdict(string text, double? probability, double expected)
        => (await new GuardToxicityScorer(new FixedGuard(GuardVerdict.Unsafe() with { Probability = probability })).ScoreAsync(text)).Should().Be(expected);

    [Fact]
    public async Task ScoreAsync_SafeVerdictWithoutProbability_IsZero() => (await new GuardToxicityScorer(new FixedGuard(GuardVerdict.Safe)).ScoreAsync("a")).Should().Be(0);

    [Fact]
    public async Task ScoreAsync_Text_IsJudgedAsAnAnswer()
    {
        var guard = new FixedGuard(GuardVerdict.Safe);

        await new GuardToxicityScorer(guard).ScoreAsync("You are kind.");

        guard.Request!.Judged.Should().Be(LlamaMessage.Assistant("You are kind."));
    }

    private sealed class FixedGuard(GuardVerdict verdict) : IContentGuard
    {
        public GuardRequest? Request { get; private set; }

        public ValueTask<GuardVerdict> JudgeAsync(GuardRequest request, CancellationToken cancellationToken = default)
        {
            Request = request;
            return ValueTask.FromResult(verdict);
        }
    }
}
