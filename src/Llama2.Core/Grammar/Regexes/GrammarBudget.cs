namespace Llama2.Grammar.Regexes;

/// <summary>
/// The amount of work that building a grammar, or one step of matching a text against it, may take. Work is counted and not timed, so that the same
/// constraint is refused on every machine, or on none. A unit is about 0.15 microseconds, or 150 bytes of new objects. Not thread-safe.
/// </summary>
/// <param name="limit">The maximum number of units before an exception.</param>
internal sealed class GrammarBudget(long limit = GrammarBudget.BuildLimit)
{
    /// <summary>The units for building a grammar: at most 100 ms and 64 MiB.</summary>
    public const long BuildLimit = 320_000;

    /// <summary>The units for one mask, or for reading one token: at most 100 ms and 64 MiB.</summary>
    public const long StepLimit = 250_000;

    private long _limit = limit;

    /// <summary>The number of units since the budget was created.</summary>
    public long Used { get; private set; }

    /// <summary>Counts work.</summary>
    /// <exception cref="GrammarLimitException">The limit is exceeded.</exception>
    public void Charge(long units)
    {
        Used += units;
        if (Used > _limit)
            GrammarLimitException.ThrowIfAbove(Used, _limit, "steps of work");
    }

    /// <summary>Allows the given number of units from now on, whatever was used before.</summary>
    public void Restart(long units = StepLimit) => _limit = Used + units;
}
