using Llama2.Evaluation.RedTeaming;
using Llama2.Evaluation.RedTeaming.Styles;
using Llama2.Evaluation.Running;

namespace Llama2.Evaluation;

/// <summary>
/// Tests how a model answers harmful requests: each behavior is requested in each attack style, and every answer is judged. It also measures how often
/// harmless requests are refused. Answers are greedy, so a test gives the same results whenever it is run. Thread-safe.
/// </summary>
public static class RedTeam
{
    /// <summary>Runs a test.</summary>
    /// <param name="backend">The model; its prompt format must be known.</param>
    /// <param name="behaviors">One or more behaviors.</param>
    /// <param name="options">How to run; null for the defaults.</param>
    /// <param name="progress">Receives the progress after each conversation, on a thread-pool thread.</param>
    /// <param name="cancellationToken">Ends the test. Answers that are in the journal stay there.</param>
    /// <exception cref="ArgumentException">There are no behaviors or no styles, or two styles have the same name.</exception>
    /// <exception cref="EvaluationDataException">The journal belongs to another model.</exception>
    /// <exception cref="LlamaException">The model cannot answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<RedTeamReport> RunAsync(
        IEvaluationBackend backend,
        IReadOnlyList<RedTeamBehavior> behaviors,
        RedTeamOptions? options = null,
        IProgress<EvaluationRunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(behaviors);
        options ??= new RedTeamOptions();
        Check(behaviors, options);
        DateTimeOffset startTime = options.TimeProvider.GetUtcNow();
        long start = options.TimeProvider.GetTimestamp();
        using ResponseJournal? journal = options.JournalPath is { } path ? ResponseJournal.Open(path, backend.Fingerprint) : null;
        var run = new RedTeamRun(new JournaledBackend(backend, journal), options, progress, (behaviors.Count * options.Styles.Count) + options.Benign.Count);
        AttackResult[] attacks = await run.ComputeAsync(
            [.. options.Styles.SelectMany(style => behaviors.Select(behavior => (style, behavior)))], options.Judge, cancellationToken).ConfigureAwait(false);
        var direct = new DirectStyle();
        AttackResult[] benign = await run.ComputeAsync(
            [.. options.Benign.Select(behavior => ((AttackStyle)direct, behavior))], new RefusalAttackJudge(), cancellationToken).ConfigureAwait(false);
        return new RedTeamReport
        {
            ModelName = backend.Name,
            Fingerprint = backend.Fingerprint,
            JudgeName = options.Judge.Name,
            Attacks = attacks,
            Benign = benign,
            StartTime = startTime,
            Duration = options.TimeProvider.GetElapsedTime(start),
        };
    }

    private static void Check(IReadOnlyList<RedTeamBehavior> behaviors, RedTeamOptions options)
    {
        if (behaviors.Count == 0)
            throw new ArgumentException("There are no behaviors to test.", nameof(behaviors));
        if (options.Styles.Count == 0)
            throw new ArgumentException("There are no attack styles.", nameof(options));
        if (options.Styles.GroupBy(style => style.Name).FirstOrDefault(group => group.Count() > 1) is { } group)
            throw new ArgumentException($"Two attack styles have the name '{group.Key}'.", nameof(options));
    }
}
