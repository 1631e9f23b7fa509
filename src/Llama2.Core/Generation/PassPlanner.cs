using Llama2.Model;
using Llama2.Speculation;

namespace Llama2.Generation;

/// <summary>
/// Chooses what the next pass computes: first the tokens of sequences that decode, then prompts, as far as there is room. If there is not room for
/// all sequences, they take turns. After a failed pass, the sequences of that pass are computed one by one to find the one that caused the fault.
/// </summary>
internal sealed class PassPlanner
{
    private readonly InferenceState _state;
    private readonly PromptPacing _pacing = new();
    private readonly PassCost _cost = new();
    private readonly PassForecast _forecast;
    private readonly List<Share> _shares = [];
    private readonly List<Sequence> _suspects = [];
    private readonly List<(Sequence Sequence, LlamaMemoryException Exception)> _refused = [];
    private int _decodeTurn;
    private int _promptTurn;
    private int _promptTokenCount;
    private int _guessCount;
    private double _plainSeconds;
    private bool _isDecoding;

    /// <param name="state">Determines the capacity of a pass, in tokens and in rows of logits.</param>
    public PassPlanner(InferenceState state)
    {
        _state = state;
        _forecast = new PassForecast(_cost);
        Batch = new Batch(state.TokenCapacity);
    }

    /// <summary>The tokens of the pass; none if there is nothing to compute.</summary>
    public Batch Batch { get; }

    /// <summary>The sequences of the pass, each with its tokens and its first row of logits.</summary>
    public List<Share> Shares => _shares;

    /// <summary>Sequences for which memory was refused when the pass was planned, although memory had been available when they started.</summary>
    public List<(Sequence Sequence, LlamaMemoryException Exception)> Refused => _refused;

    /// <summary>The forecast of the next pass, after the call of <see cref="Foresee"/>.</summary>
    public PassForecast Forecast => _forecast;

    /// <summary>Plans a pass over the running sequences; called after <see cref="Foresee"/>.</summary>
    public void Plan(List<Sequence> running)
    {
        Batch.Clear();
        _shares.Clear();
        _refused.Clear();
        _guessCount = 0;
        int decodingCount = 0;
        if (_suspects.Count > 0)
        {
            // Without guesses, because a wrong guess may be the cause of the fault.
            Add(_suspects[0], Batch.Capacity, draftLimit: 0);
        }
        else
        {
            AddReady(running, decoding: true, Batch.Capacity, ref _decodeTurn);
            decodingCount = Batch.Count;
            int capacity = decodingCount == 0 ? Batch.Capacity
                : _pacing.NeedsDecodeTime ? 0
                : (int)Math.Min(Batch.Capacity, _pacing.BatchLimit(decodingCount));
            AddReady(running, decoding: false, capacity, ref _promptTurn);
        }

        _isDecoding = decodingCount > 0;
        _promptTokenCount = Batch.Count - decodingCount;
    }

    /// <summary>
    /// Records how long the pass took, so that later passes limit how much prompts slow down the sequences that decode, and compute only guesses that
    /// save time.
    /// </summary>
    public void Learn(TimeSpan elapsed)
    {
        _forecast.End(elapsed.TotalSeconds);
        if (_promptTokenCount == 0)
        {
            _cost.Add(Batch.Count, elapsed.TotalSeconds);
        }
        else if (!_isDecoding)
        {
            _cost.AddPrompt(Batch.Count, elapsed.TotalSeconds);
        }

        // While there are prompts, nothing is guessed, so the pacing measures passes without guesses.
        _pacing.Add(_promptTokenCount, _isDecoding, _guessCount == 0 ? elapsed : TimeSpan.FromSeconds(_plainSeconds));
    }

    /// <summary>
    /// Called when the pass failed. Any sequence of the pass may be the cause, for example because the sequence's activations overflow, so each
    /// sequence is then computed on its own.
    /// </summary>
    public void SuspectAll()
    {
        foreach (Share share in _shares)
        {
            _suspects.Add(share.Sequence);
        }
    }

    /// <summary>Called when a sequence was computed without a fault, or has ended.</summary>
    public void Clear(Sequence sequence) => _suspects.Remove(sequence);

    /// <summary>
    /// Prepares the choice of guesses for the next pass. If there are prompts to compute, no guesses are computed: in a pass of many tokens, each
    /// further token takes additional time.
    /// </summary>
    public void Foresee(List<Sequence> running)
    {
        int sequenceCount = 0, tokenCount = 0;
        bool hasPrompts = false;
        foreach (Sequence sequence in running)
        {
            if (sequence.IsReady)
            {
                hasPrompts |= !sequence.IsDecoding;
                sequenceCount += sequence.IsDecoding ? 1 : 0;
                tokenCount += sequence.IsDecoding ? sequence.PendingCount : 0;
            }
        }

        _forecast.Begin(sequenceCount, tokenCount, hasPrompts || _suspects.Count > 0 ? 0 : Math.Min(PassCost.MaxTokenCount, Math.Min(Batch.Capacity, _state.LogitsCapacity)));
        _plainSeconds = _forecast.SecondsPerToken * sequenceCount;
    }

    // If there is not room for all sequences, the next pass starts with the sequence after the last one that had room.
    private void AddReady(List<Sequence> running, bool decoding, int capacity, ref int turn)
    {
        int first = turn;
        for (int i = 0; i < running.Count && Batch.Count < capacity; i++)
        {
            int index = (first + i) % running.Count;
            Sequence sequence = running[index];
            if (sequence.IsReady && sequence.IsDecoding == decoding)
            {
                if (!decoding)
                {
                    sequence.Reuse();
                    if (IsComputedInPass(sequence))
                    {
                        continue;
                    }
                }

                if (Add(sequence, capacity, decoding ? sequence.ChooseDraft(_forecast) : 0))
                {
                    turn = index + 1;
                }
            }
        }
    }

    private bool Add(Sequence sequence, int capacity, int draftLimit)
    {
        int logitsRow = Batch.LogitsCount;
        try
        {
            int count = sequence.AddTo(Batch, capacity, _state.LogitsCapacity, draftLimit);
            if (count > 0)
            {
                _guessCount += sequence.ComputedDraftCount;
                _shares.Add(new Share(sequence, count, logitsRow));
            }

            return count > 0;
        }
        catch (LlamaMemoryException exception)
        {
            _refused.Add((sequence, exception));
            return false;
        }
    }

    private bool IsComputedInPass(Sequence sequence)
    {
        foreach (Share share in _shares)
        {
            if (sequence.Awaits(share.Sequence, share.Count))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The part of a pass that belongs to one sequence.</summary>
    /// <param name="Sequence">The sequence.</param>
    /// <param name="Count">The number of the sequence's tokens in the batch, 1 or more.</param>
    /// <param name="LogitsRow">The row of the sequence's first logits.</param>
    public readonly record struct Share(Sequence Sequence, int Count, int LogitsRow);
}
