namespace Llama2.Evaluation.Tests.Code;

/// <summary>A sandbox that runs nothing: a program passes if its text contains "right".</summary>
internal sealed class RecordingSandbox : ICodeSandbox
{
    private int _runningCount;

    public int MaxRunningCount { get; private set; }

    public TaskCompletionSource? Gate { get; init; }

    public async Task<CodeRunResult> RunAsync(CodeProgram program, CancellationToken cancellationToken = default)
    {
        int count = Interlocked.Increment(ref _runningCount);
        lock (this)
        {
            MaxRunningCount = Math.Max(MaxRunningCount, count);
        }

        if (Gate is not null)
            await Gate.Task.WaitAsync(cancellationToken);
        else
            await Task.Yield();
        Interlocked.Decrement(ref _runningCount);
        bool isRight = program.Code.Contains("right", StringComparison.Ordinal);
        return new CodeRunResult(isRight ? CodeRunOutcome.Passed : CodeRunOutcome.Failed, isRight ? null : "wrong", null, null, program.Code, TimeSpan.Zero);
    }
}
