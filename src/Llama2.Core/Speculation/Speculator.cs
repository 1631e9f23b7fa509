namespace Llama2.Speculation;

/// <summary>
/// Guesses the next tokens of one text, and decides how many of the guesses a pass computes. Guesses that are not computed are also compared with
/// the chosen tokens, so a drafter is measured at no cost even while it is not worth using. Computed guesses may prolong passes only as far
/// as there is credit: the time of one token at the beginning, 1 % of the time of all passes, and the time that earlier guesses saved.
/// What guesses cost is measured, so from 100 tokens on, a text without any right guess is generated at about 98 % of the speed or more. Only the time of the
/// passes themselves is measured; where a pass takes some 50 µs, as in a model of a million weights, the work outside the pass counts too (95 %). Allocates
/// only in the constructor. Used by one thread at a time.
/// </summary>
internal sealed class Speculator : IDisposable
{
    // The initial credit, the credit for each token, and the maximum credit, in multiples of the time of a token without guesses.
    private const double InitialCredit = 1;
    private const double CreditPerToken = 0.01;
    private const double MaxCredit = 8;
    // A source with a lower share of right guesses is skipped, if another source follows it.
    private const double LeastShare = 0.35;
    private readonly DraftSlot[] _slots;
    private readonly DraftSlot? _model;
    private readonly int _maxLength;
    private readonly int _vocabularySize;
    private readonly bool _isAdaptive;
    private AcceptanceEstimate? _estimate;
    // The slot of the draft model if the draft model makes the next guesses, otherwise null; whether it has begun with the text, whether its balance
    // forbids that, so that a source after it is asked, and whether it was computing the prompt.
    private DraftSlot? _modelSlot;
    private bool _isBegun;
    private bool _mayNotBegin;
    private bool _wasNew;
    // The time that the guesses of the draft model saved in the last pass.
    private double _savedSeconds;
    private double _credit;
    private double _secondsPerToken;
    // The pass that computes guesses, and how many; null if it computes none.
    private PassForecast? _pass;
    private int _computedCount;
    private bool _hasCredit;

    /// <param name="options">The maximum length of drafts.</param>
    /// <param name="slots">The sources in their order, one or more.</param>
    /// <param name="vocabularySize">The number of tokens in the vocabulary.</param>
    public Speculator(SpeculationOptions options, IEnumerable<DraftSlot> slots, int vocabularySize)
    {
        _slots = [.. slots];
        _model = Array.Find(_slots, slot => slot.Text is not null);
        _maxLength = options.MaxDraftLength;
        _isAdaptive = options.IsAdaptive;
        _vocabularySize = vocabularySize;
    }

    /// <summary>Why the draft model is not asked any more; null if it did not fail.</summary>
    public Exception? ModelFault { get; private set; }

    /// <summary>Guesses the next tokens.</summary>
    /// <param name="tokens">The tokens of prompt and answer so far.</param>
    /// <param name="draft">Receives the guesses.</param>
    /// <returns>The number of guesses.</returns>
    /// <exception cref="InvalidOperationException">A drafter returned an impossible number of guesses.</exception>
    public int Draft(ReadOnlySpan<int> tokens, Span<int> draft)
    {
        draft = draft[..Math.Min(draft.Length, _maxLength)];
        _estimate = null;
        _modelSlot = null;
        for (int i = 0; i < _slots.Length && draft.Length > 0; i++)
        {
            DraftSlot slot = _slots[i];
            if (slot.Drafter is null)
            {
                if (ModelFault is not null || (_mayNotBegin && i < _slots.Length - 1))
                {
                    continue;
                }

                // The draft model guesses before the next pass, for all texts at once.
                _modelSlot = slot;
                return 0;
            }

            int count = slot.Drafter.Draft(tokens, draft);
            if ((uint)count > (uint)draft.Length)
            {
                throw new InvalidOperationException($"A drafter returned {count} guesses; it must return 0 to {draft.Length}.");
            }

            count = CountValid(draft[..count]);
            if (count == 0)
            {
                continue;
            }

            if (i < _slots.Length - 1 && slot.Estimate.Probability < LeastShare)
            {
                slot.Estimate.Age();
                continue;
            }

            _estimate = slot.Estimate;
            return count;
        }

        return 0;
    }

    /// <summary>Chooses how many guesses the draft model is to make for the next pass.</summary>
    /// <param name="room">The maximum number.</param>
    /// <param name="forecast">The forecast of the pass.</param>
    /// <param name="secondsPerGuess">The time of a guess; 0 if it is not known.</param>
    /// <returns>The text in the draft model, and the number of guesses; null for none.</returns>
    public (DraftText Text, int Count)? RequestModelDraft(int room, PassForecast forecast, double secondsPerGuess)
    {
        if (_modelSlot is not { } slot)
        {
            return null;
        }

        room = Math.Min(Math.Min(room, _maxLength), forecast.Room);
        int count = !_isAdaptive ? room
            : forecast.SecondsPerToken > 0 && _hasCredit && (_isBegun || slot.Balance!.AllowsNewText) ? forecast.Choose(slot.Estimate.Probability, room, _credit, secondsPerGuess)
            : 0;
        if (count <= 0)
        {
            slot.Estimate.Age();
            return null;
        }

        _isBegun = true;
        _wasNew = slot.Text!.IsNew;
        return (slot.Text, count);
    }

    /// <summary>Fetches the guesses of the draft model.</summary>
    /// <param name="seconds">The time that the guesses took.</param>
    /// <param name="draft">Receives the guesses.</param>
    /// <returns>The number of guesses.</returns>
    public int TakeModelDraft(double seconds, Span<int> draft)
    {
        DraftSlot slot = _modelSlot!;
        _modelSlot = null;
        slot.Balance!.Spend(seconds);
        // The first computation of the prompt counts only for the texts that follow.
        if (!_wasNew)
        {
            _credit -= seconds;
        }

        _estimate = slot.Estimate;
        ReadOnlySpan<int> guesses = slot.Text!.Guesses;
        guesses.CopyTo(draft);
        return guesses.Length;
    }

    /// <summary>Called instead of <see cref="TakeModelDraft"/> if the draft model failed. It is not asked again.</summary>
    public void EndModelDrafts(Exception fault)
    {
        ModelFault = fault;
        _modelSlot!.Text!.Dispose();
        _modelSlot = null;
    }

    /// <summary>Returns the memory of the draft model for this text.</summary>
    public void Dispose()
    {
        foreach (DraftSlot slot in _slots)
        {
            slot.Text?.Dispose();
        }
    }

    /// <summary>Chooses how many guesses the next pass computes. Called before each pass that decodes the text.</summary>
    /// <param name="available">The number of guesses.</param>
    /// <param name="forecast">The forecast of the pass.</param>
    public int Choose(int available, PassForecast forecast)
    {
        _pass = null;
        if (!_isAdaptive)
        {
            int all = Math.Min(available, forecast.Room);
            forecast.Add(all, probability: 0.5);
            return all;
        }

        _mayNotBegin = !_isBegun && _model?.Balance!.AllowsNewText == false;
        _secondsPerToken = forecast.SecondsPerToken;
        if (_secondsPerToken == 0)
        {
            return 0;
        }

        _credit = _hasCredit ? Math.Min(_credit + CreditPerToken * _secondsPerToken, MaxCredit * _secondsPerToken) : InitialCredit * _secondsPerToken;
        _hasCredit = true;
        _model?.Balance!.Earn(_secondsPerToken, _savedSeconds);
        _savedSeconds = 0;
        if (available == 0 || _estimate is null)
        {
            return 0;
        }

        int count = forecast.Choose(_estimate.Probability, available, _credit);
        if (count > 0)
        {
            forecast.Add(count, _estimate.Probability);
            (_pass, _computedCount) = (forecast, count);
        }

        return count;
    }

    /// <summary>Records which guesses were right. Called after each pass that decodes the text, and after <see cref="PassForecast.End"/>.</summary>
    /// <param name="comparedCount">The number of guesses that were compared with chosen tokens: the right ones, and one wrong one at most.</param>
    /// <param name="rightCount">The number of right guesses.</param>
    /// <param name="acceptedCount">The number of right guesses that the pass computed.</param>
    public void Learn(int comparedCount, int rightCount, int acceptedCount)
    {
        if (_pass is not null)
        {
            double saved = acceptedCount * _secondsPerToken - _computedCount * _pass.SecondsPerGuess;
            _credit += saved;
            _savedSeconds = _estimate == _model?.Estimate ? saved : 0;
            _pass = null;
        }

        _estimate?.Add(comparedCount, rightCount);
    }

    // The guesses before the first one that is not a token of the vocabulary.
    private int CountValid(ReadOnlySpan<int> draft)
    {
        int valid = 0;
        while (valid < draft.Length && (uint)draft[valid] < (uint)_vocabularySize)
        {
            valid++;
        }

        return valid;
    }
}
