namespace Llama2.Evaluation.Tests.Code;

public class CodeScoringTests
{
    private static CodeTask Task(string id) => new(id, "prompt ", "prompt ", "", "", ["f"]) { StopSequences = ["\n#"], MaxTokens = 9, Solution = "right" };

    [Fact]
    public async Task RunAsync_AnswersOfSeveralTasks_AreScoredInTheirOrder()
    {
        var progress = new List<EvaluationProgress>();

        IReadOnlyList<CodeScore> scores = await CodeScoring.RunAsync(
            new RecordingSandbox(), [new(Task("a"), ["right", "wrong", "wrong\n#right"]), new(Task("b"), ["right", "right"]), new(Task("c"), [])], new ListProgress(progress));

        scores.Select(score => (score.Task.Id, score.PassedCount, score.Runs.Count)).Should().Equal(("a", 1, 3), ("b", 2, 2), ("c", 0, 0));
        scores[0].Runs.Select(run => run.Output).Should().Equal("prompt right\n", "prompt wrong\n", "prompt wrong\n");
        scores[0].PassAt(2).Should().BeApproximately(2.0 / 3, 1e-15);
        progress.Select(value => (value.CompletedCount, value.TotalCount)).Should().Equal((1, 5), (2, 5), (3, 5), (4, 5), (5, 5));
        progress[^1].Value.Should().Be(0.6);
    }

    [Fact]
    public async Task RunAsync_ManyAnswers_RunAtMostAsManyAtOnceAsThereAreProcessors()
    {
        var sandbox = new RecordingSandbox();

        await CodeScoring.RunAsync(sandbox, [new(Task("a"), [.. Enumerable.Repeat("right", 500)])]);

        sandbox.MaxRunningCount.Should().BeInRange(1, Environment.ProcessorCount);
    }

    [Fact]
    public async Task RunAsync_AnswerThatIsTooLong_Fails()
    {
        IReadOnlyList<CodeScore> scores = await CodeScoring.RunAsync(new RecordingSandbox(), [new(Task("a"), ["right", new string('a', CodeProgram.MaxLength)])]);

        scores[0].Runs.Select(run => run.Outcome).Should().Equal(CodeRunOutcome.Passed, CodeRunOutcome.Failed);
        scores[0].Runs[1].Error.Should().StartWith("The program was not run: The text has 1,048,584 characters, more than 1,048,576.");
    }

    [Fact]
    public async Task RunAsync_CancelledWhileProgramsRun_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        Task<IReadOnlyList<CodeScore>> scores = CodeScoring.RunAsync(
            new RecordingSandbox { Gate = new TaskCompletionSource() }, [new(Task("a"), ["right"])], cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => scores).Should().ThrowAsync<OperationCanceledException>();
    }

    private sealed class ListProgress(List<EvaluationProgress> values) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => values.Add(value);
    }
}
