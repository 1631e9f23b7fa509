namespace Llama2.Guard;

/// <summary>
/// Several guards as one. They judge in the order in which they are given, and the first verdict that is unsafe is the whole verdict: put guards that cost little first. If all
/// guards find the message safe, their findings to mask are joined, the highest probability is reported, and the text is undecided
/// from the first position at which it is undecided for one of them. Thread-safe.
/// </summary>
public sealed class CompositeGuard : IContentGuard
{
    private readonly IContentGuard[] _guards;

    /// <summary>Creates the guard.</summary>
    /// <param name="guards">At least one guard. Copied.</param>
    /// <exception cref="ArgumentException">There are no guards, or one is null.</exception>
    public CompositeGuard(params IEnumerable<IContentGuard> guards)
    {
        ArgumentNullException.ThrowIfNull(guards);
        _guards = [.. guards];
        if (_guards.Length == 0 || Array.Exists(_guards, guard => guard is null))
            throw new ArgumentException("At least one guard is needed, and no guard may be null.", nameof(guards));
    }

    /// <inheritdoc/>
    public async ValueTask<GuardVerdict> JudgeAsync(GuardRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        List<GuardVerdict> verdicts = [];
        foreach (IContentGuard guard in _guards)
        {
            GuardVerdict verdict = await guard.JudgeAsync(request, cancellationToken).ConfigureAwait(false);
            if (!verdict.IsSafe)
                return verdict;
            verdicts.Add(verdict);
        }

        return GuardVerdict.FromFindings(verdicts.SelectMany(verdict => verdict.Findings)) with
        {
            Probability = verdicts.Max(verdict => verdict.Probability),
            Mass = verdicts.Min(verdict => verdict.Mass),
            UndecidedFrom = verdicts.Min(verdict => verdict.UndecidedFrom),
        };
    }
}
