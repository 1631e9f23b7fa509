namespace Llama2.Speculation;

/// <summary>A source of guesses in one generation, with the share of its guesses that were right.</summary>
internal sealed class DraftSlot
{
    private const double InitialShare = 0.6;
    private const double InitialModelShare = 0.7;
    private readonly AcceptanceEstimate[] _estimates;
    private readonly PromptLookup? _lookup;

    /// <param name="drafter">Makes the guesses.</param>
    public DraftSlot(IDrafter drafter)
    {
        Drafter = drafter;
        _lookup = drafter as PromptLookup;
        _estimates = _lookup is null ? [new AcceptanceEstimate(InitialShare)] : Array.ConvertAll(PromptLookup.InitialShares.ToArray(), share => new AcceptanceEstimate(share));
    }

    /// <param name="text">The text in the draft model, which makes the guesses.</param>
    /// <param name="balance">What the draft model has saved and cost.</param>
    public DraftSlot(DraftText text, DraftBalance balance)
    {
        Text = text;
        Balance = balance;
        _estimates = [new AcceptanceEstimate(InitialModelShare)];
    }

    /// <summary>Makes the guesses; null if the draft model makes them.</summary>
    public IDrafter? Drafter { get; }

    /// <summary>The text in the draft model; null if a drafter makes the guesses.</summary>
    public DraftText? Text { get; }

    /// <summary>What the draft model has saved and cost; null if a drafter makes the guesses.</summary>
    public DraftBalance? Balance { get; }

    /// <summary>The estimate for the last guesses: guesses of different reliability are measured separately.</summary>
    public AcceptanceEstimate Estimate => _estimates[_lookup?.Grade ?? 0];
}
