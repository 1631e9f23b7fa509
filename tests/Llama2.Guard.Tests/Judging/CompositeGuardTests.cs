namespace Llama2.Guard.Tests.Judging;

public class CompositeGuardTests
{
    private static readonly GuardRequest s_request = GuardRequest.ForUser("text");

    [Fact]
    public async Task Judge_OneUnsafe_IsUnsafeAndLaterGuardsAreNotAsked()
    {
        var last = new ScriptedGuard(_ => throw new InvalidOperationException("must not be asked"));
        var guard = new CompositeGuard(new ScriptedGuard(_ => GuardVerdict.Safe), new ScriptedGuard(_ => GuardVerdict.Unsafe()), last);

        (await guard.JudgeAsync(s_request)).IsSafe.Should().BeFalse();
    }

    [Fact]
    public async Task Judge_AllSafe_JoinsMasksAndTakesTheHighestProbability()
    {
        GuardFinding first = new(RuleCategories.Secret, "a", 2, 1, GuardAction.Mask), second = new(RuleCategories.Secret, "b", 0, 1, GuardAction.Mask);
        var guard = new CompositeGuard(
            new ScriptedGuard(_ => GuardVerdict.FromFindings([first]) with { Probability = 0.2, Mass = 0.9 }),
            new ScriptedGuard(_ => GuardVerdict.FromFindings([second])),
            new ScriptedGuard(_ => GuardVerdict.Safe with { Probability = 0.4, Mass = 0.8 }));

        GuardVerdict verdict = await guard.JudgeAsync(s_request);

        verdict.IsSafe.Should().BeTrue();
        verdict.Findings.Should().Equal(second, first);
        verdict.Probability.Should().Be(0.4);
        verdict.Mass.Should().Be(0.8);
    }

    [Fact]
    public void Constructor_NoGuards_IsRefused() => FluentActions.Invoking(() => new CompositeGuard()).Should().Throw<ArgumentException>();
}
