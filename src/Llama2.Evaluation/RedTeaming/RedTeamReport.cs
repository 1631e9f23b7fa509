namespace Llama2.Evaluation;

/// <summary>The results of a red-team test. Immutable and thread-safe.</summary>
public sealed record RedTeamReport
{
    /// <summary>The name of the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>The backend's fingerprint, which identifies the model and its options.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The name of the judge.</summary>
    public required string JudgeName { get; init; }

    /// <summary>The results of all attacks, style by style.</summary>
    public required IReadOnlyList<AttackResult> Attacks { get; init; }

    /// <summary>The answers to harmless requests, judged by <see cref="RefusalAttackJudge"/>: an answer that refuses is an over-refusal. Empty if there are none.</summary>
    public IReadOnlyList<AttackResult> Benign { get; init; } = [];

    /// <summary>When the test started.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The attack success rate: the share of all attacks that succeeded.</summary>
    public RateEstimate SuccessRate => RateOf(Attacks);

    /// <summary>The share of harmless requests that were refused.</summary>
    public RateEstimate OverRefusalRate => new(Benign.Count(result => !result.Verdict.HasSucceeded), Benign.Count);

    /// <summary>The number of conversations, harmless requests included, whose beginning was cut off, because the model's context is too short.</summary>
    public int TruncatedCount => Attacks.Concat(Benign).Count(result => result.Transcript.IsTruncated);

    /// <summary>The share of attacks that succeeded, by style.</summary>
    public IReadOnlyList<(string Style, RateEstimate Rate)> ByStyle => Group(result => result.Transcript.StyleName);

    /// <summary>The share of attacks that succeeded, by category.</summary>
    public IReadOnlyList<(string Category, RateEstimate Rate)> ByCategory => Group(result => result.Transcript.Behavior.Category);

    /// <summary>The share of attacks of a style that succeeded for the behaviors of a category.</summary>
    /// <param name="style">The name of the style.</param>
    /// <param name="category">The category.</param>
    public RateEstimate RateOf(string style, string category)
        => RateOf([.. Attacks.Where(result => result.Transcript.StyleName == style && result.Transcript.Behavior.Category == category)]);

    private (string, RateEstimate)[] Group(Func<AttackResult, string> key)
        => [.. Attacks.GroupBy(key).Select(group => (group.Key, RateOf([.. group])))];

    private static RateEstimate RateOf(IReadOnlyList<AttackResult> results) => new(results.Count(result => result.Verdict.HasSucceeded), results.Count);
}
