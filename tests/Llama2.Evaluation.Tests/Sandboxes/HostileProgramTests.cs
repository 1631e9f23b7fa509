namespace Llama2.Evaluation.Tests.Sandboxes;

/// <summary>Hostile programs harm nothing, and are reported as what they are.</summary>
public class HostileProgramTests(HostileProgramFixture fixture) : IClassFixture<HostileProgramFixture>
{
    public static TheoryData<string> Names => new(HostilePrograms.All.Select(program => program.Name));

    [SandboxTheory]
    [MemberData(nameof(Names))]
    public async Task RunAsync_HostileProgram_IsReportedAsWhatItIs(string name)
    {
        HostileProgram program = HostilePrograms.All.Single(program => program.Name == name);

        CodeRunResult result = await fixture.RunAsync(program);

        result.Outcome.Should().Be(program.Outcome, "{0}, {1}", result.Error, result.Output);
        (result.IsPassed ? result.Output : result.Error).Should().Contain(program.Evidence);
        result.Output.Length.Should().BeLessThanOrEqualTo(new CodeRunLimits().OutputByteSize);
        NoProcessShouldRemain();
    }

    [SandboxFact]
    public async Task RunAsync_AllHostileProgramsAtOnce_LeaveNoProcessAndNoChange()
    {
        string[] before = fixture.TakeSnapshot();

        CodeRunResult[] results = await Task.WhenAll(HostilePrograms.All.Select(program => fixture.RunAsync(program)));

        results.Select(result => result.Outcome).Should().Equal(HostilePrograms.All.Select(program => program.Outcome));
        NoProcessShouldRemain();
        fixture.TakeSnapshot().Should().Equal(before);
        fixture.HasConnections.Should().BeFalse();
    }

    [SandboxFact]
    public async Task RunAsync_CancelledWhileItRuns_LeavesNoProcess()
    {
        using var cancellation = new CancellationTokenSource();
        Task<CodeRunResult> run = fixture.RunAsync(new HostileProgram("endless", CodeRunOutcome.Failed, "", "while True: pass"), cancellation.Token);
        string[] found = [];
        while (found.Length == 0 && !run.IsCompleted)
        {
            await Task.Yield();
            found = fixture.FindProcesses();
        }

        found.Should().NotBeEmpty();

        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => run).Should().ThrowAsync<OperationCanceledException>();
        NoProcessShouldRemain();
    }

    // The kernel has ended the processes, but their entries in /proc may remain for a moment.
    private void NoProcessShouldRemain()
    {
        SpinWait.SpinUntil(() => fixture.FindProcesses().Length == 0, TimeSpan.FromSeconds(10));
        fixture.FindProcesses().Should().BeEmpty();
    }
}
