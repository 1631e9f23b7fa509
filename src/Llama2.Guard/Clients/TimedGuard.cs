namespace Llama2.Guard.Clients;

/// <summary>A guard with a time limit, whose failures become outcomes, too. There is one for each request to a client. Thread-safe.</summary>
/// <param name="guard">The guard.</param>
/// <param name="options">The time limit, and how failures are handled.</param>
internal sealed class TimedGuard(IContentGuard guard, GuardOptions options)
{
    // The judgements of a request share computations with each other only.
    private readonly string _prefixScope = $"guard {Guid.NewGuid():N}";

    /// <summary>Judges the last message of a conversation.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<GuardOutcome> JudgeAsync(IEnumerable<LlamaMessage> messages, CancellationToken cancellationToken) => JudgeAsync(new GuardRequest(messages), cancellationToken);

    /// <summary>Judges the last message of a conversation.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<GuardOutcome> JudgeAsync(GuardRequest request, CancellationToken cancellationToken)
    {
        request = request with { PrefixScope = _prefixScope };
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // The guard runs on another thread, because a guard that blocks its thread would otherwise evade the time limit.
        Task<GuardVerdict> judging = Task.Run(() => guard.JudgeAsync(request, stop.Token).AsTask(), CancellationToken.None);
        try
        {
            GuardVerdict? verdict = await judging.WaitAsync(options.Timeout, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            int length = request.Judged.Content.Length;
            return verdict is null || !IsValid(verdict, length) ? Failed("invalid verdict") : new GuardOutcome(verdict, null, verdict.IsSafe);
        }
        catch (TimeoutException)
        {
            return Failed("timeout");
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Only the type: the message could contain the judged text.
            return Failed(exception.GetType().Name);
        }
        finally
        {
            // A guard that does not stop in time is abandoned: its exception is not reported, and its resources are freed when it ends.
            Task stopping = judging.IsCompleted ? Task.CompletedTask : stop.CancelAsync();
            _ = Task.WhenAll(judging, stopping).ContinueWith(
                static (task, state) =>
                {
                    _ = task.Exception;
                    ((CancellationTokenSource)state!).Dispose();
                },
                stop, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    // A guard of the application may return any verdict. A sum of start and length could overflow.
    private static bool IsValid(GuardVerdict verdict, int length) =>
        verdict.UndecidedFrom is null or >= 0 && !(verdict.UndecidedFrom > length) && verdict.Categories.All(category => category is not null)
        && verdict.Findings.All(finding => finding is { Start: >= 0, Length: >= 1, Kind: not null, Category: not null } && finding.Length <= length - finding.Start
            && !(verdict.IsSafe && finding.Action == GuardAction.Block));

    /// <summary>The outcome of a failure.</summary>
    public GuardOutcome Failed(string failure) => new(null, failure, options.FailOpen);
}
