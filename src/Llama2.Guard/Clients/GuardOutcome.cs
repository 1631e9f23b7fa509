namespace Llama2.Guard.Clients;

/// <summary>What a guard's judgement led to: a verdict, or a failure.</summary>
/// <param name="Verdict">The verdict; null if the guard failed.</param>
/// <param name="Failure">Why the guard failed; null if it did not.</param>
/// <param name="IsPassed">Whether the message may be passed.</param>
internal sealed record GuardOutcome(GuardVerdict? Verdict, string? Failure, bool IsPassed)
{
    /// <summary>The failure, if the message is passed nevertheless.</summary>
    public string? FailedOpen => IsPassed ? Failure : null;

    /// <summary>
    /// The outcome for a text that cannot be replaced, such as the arguments of a call: a finding that would be masked makes the text unsafe. The same outcome
    /// if nothing is masked or the text is not passed.
    /// </summary>
    public GuardOutcome WithoutMasks() =>
        IsPassed && Verdict is { HasMasks: true } ? new GuardOutcome(GuardVerdict.Unsafe(Verdict.Findings.Select(finding => finding.Category)), null, IsPassed: false) : this;
}
