using Llama2.Grammar.Matching;
using Llama2.Model;
using Llama2.Sampling;
using Llama2.Speculation;
using Llama2.Tensors;

namespace Llama2.Generation;

/// <summary>
/// Generates text after a prompt: chooses one token after the other, each from the logits of the previous token, until there is a reason to stop.
/// </summary>
internal sealed class TextSequence : Sequence
{
    // The number of updates by which the scheduler may run ahead of the reader.
    private const int UpdateCapacity = 64;
    // The maximum number of tokens of a forced text that are taken at once. The queue has room for them besides the other updates. If fewer were
    // taken because the reader is slow, the model would choose the remaining tokens, and might choose different ones. The tokens would then depend on
    // the reader's speed.
    private const int MaxForcedCount = 64;
    private readonly UpdateQueue _updates;
    private readonly ModelTokenizer _tokenizer;
    private readonly GenerationOptions _options;
    private readonly Sampler _sampler;
    private readonly Speculator? _speculator;
    private readonly StreamingDecoder _decoder;
    private readonly StopSequenceMatcher _stopSequences;
    private readonly TimeProvider _timeProvider;
    private readonly int _promptTokenCount;
    private readonly int _contextLength;
    private readonly long _startTime;
    private readonly int[] _stopTokens;
    // Whether the text may end before the next token.
    private bool _mayEnd;
    private readonly GrammarConstraint? _constraint;
    // The position of the last token of the prompt. When tokens of a full context are dropped (a context shift), this field becomes the position of
    // the last token that was kept.
    private int _lastKeptPosition;
    // The first position whose logits are needed.
    private int _firstWantedPosition;
    private int _generatedCount;
    private bool _isContextFull;
    private int _cachedCount;
    private long _firstTokenTime;
    private bool _waitsForReader;
    private long? _stalledSince;

    /// <param name="tokens">The prompt, and room for all tokens that may be generated.</param>
    /// <param name="promptTokenCount">The number of prompt tokens.</param>
    /// <param name="contextLength">The context length in tokens.</param>
    /// <param name="continuesText">Whether the answer continues the prompt's text, so that the answer's first space is kept.</param>
    /// <param name="tokenizer">Decodes the tokens.</param>
    /// <param name="options">How to choose tokens and when to stop.</param>
    /// <param name="sampler">Chooses the tokens.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="adapters">The adapters of the sequence.</param>
    /// <param name="speculator">Guesses the next tokens; null for no guesses.</param>
    /// <param name="constraint">The form that the text must have; the sampler has the same constraint. Null for any text.</param>
    public TextSequence(
        int[] tokens, int promptTokenCount, int contextLength, bool continuesText, ModelTokenizer tokenizer, GenerationOptions options, Sampler sampler, TimeProvider timeProvider,
        AdapterSet? adapters = null, Speculator? speculator = null, GrammarConstraint? constraint = null)
        : base(tokens, promptTokenCount, adapters, ChooseSharing(options, promptTokenCount))
    {
        _promptTokenCount = promptTokenCount;
        _lastKeptPosition = _firstWantedPosition = promptTokenCount - 1;
        _constraint = constraint;
        _updates = new UpdateQueue(constraint is null ? UpdateCapacity : UpdateCapacity + MaxForcedCount);
        _stopTokens = [.. options.StopTokens, .. options.FormatStopTokens];
        _contextLength = contextLength;
        _tokenizer = tokenizer;
        _options = options;
        _sampler = sampler;
        _speculator = speculator;
        _decoder = tokenizer.CreateStreamingDecoder(keepLeadingSpace: continuesText && constraint is null);
        _stopSequences = new StopSequenceMatcher([.. options.StopSequences, .. options.FormatStopSequences]);
        _mayEnd = constraint is null || constraint.CanEnd;
        _timeProvider = timeProvider;
        _startTime = timeProvider.GetTimestamp();
    }

    /// <summary>The generated updates; completed with an exception if the sequence fails.</summary>
    public UpdateQueue Updates => _updates;

    /// <summary>Whether the queue has room for the update of a token and for the last update.</summary>
    public override bool IsReady
    {
        get
        {
            if (HasRoom)
            {
                _stalledSince = null;
                return true;
            }

            // The flag is set before the count is read again. If the reader makes room in the meantime, either this code sees the room or the reader
            // sees the flag.
            Volatile.Write(ref _waitsForReader, true);
            Interlocked.MemoryBarrier();
            if (HasRoom)
            {
                _stalledSince = null;
                return true;
            }

            _stalledSince ??= _timeProvider.GetTimestamp();
            return false;
        }
    }

    /// <inheritdoc/>
    public override long? StalledSince => _stalledSince;

    /// <summary>Whether all tokens of the prompt have been computed; after a context shift, whether all tokens that were kept have been computed.</summary>
    public override bool IsDecoding => ComputedCount > _lastKeptPosition;

    /// <summary>The number of prompt tokens except the last one, because the logits of the last one are needed; 0 if keys and values must not be
    /// reused.</summary>
    public override int ReusableCount => _options.ReusePrefix ? _lastKeptPosition : 0;

    private bool HasRoom => _updates.Count <= UpdateCapacity - 2;

    /// <summary>
    /// Called by the reader after each update. Returns true if the sequence was waiting for room in the queue, so that the scheduler must be woken.
    /// </summary>
    public bool ReaderMadeRoom() => Volatile.Read(ref _waitsForReader) && Interlocked.Exchange(ref _waitsForReader, false);

    public override void Stop()
    {
        base.Stop();
        _constraint?.Dispose();
        _speculator?.Dispose();
    }

    public override void Fail(Exception exception) => _updates.Complete(exception);

    public override void EndModelDrafts(Exception fault) => _speculator!.EndModelDrafts(fault);

    protected override bool WantsLogits(int position) => position >= _firstWantedPosition;

    protected override void Accept(int position, ReadOnlySpan<float> logits, TokenCandidates candidates)
    {
        int token = _sampler.Sample(candidates, logits, Tokens, out float logProbability);
        if (_generatedCount++ == 0)
        {
            _firstTokenTime = _timeProvider.GetTimestamp();
            // Tokens that are reused after a context shift do not count as cached prompt tokens.
            _cachedCount = ReusedCount;
        }

        Take(token, logProbability, _sampler.TopLogProbabilities, mayEnd: _constraint is null || _constraint.CanEnd, isComplete: _constraint?.IsComplete == true);
        if (_constraint is not null && !IsFinished)
            TakeForced();
    }

    protected override int Draft(Span<int> draft)
    {
        if (_speculator is null)
            return 0;
        return _speculator.Draft(Tokens, draft[..RoomForDraft(draft.Length)]);
    }

    protected override (DraftText Text, int Count)? RequestDraft(int room, PassForecast forecast, double secondsPerGuess)
        => _speculator?.RequestModelDraft(RoomForDraft(Math.Max(0, room)), forecast, secondsPerGuess);

    protected override int TakeDraft(Span<int> draft, double seconds) => _speculator!.TakeModelDraft(seconds, draft);

    protected override int ChooseDraft(int draftCount, PassForecast forecast) => _speculator?.Choose(draftCount, forecast) ?? 0;

    protected override void LearnFromDraft(DraftOutcome outcome) => _speculator?.Learn(outcome.ComparedCount, outcome.RightCount, outcome.AcceptedCount);

    // A context can become full only at the end of a pass, because a draft leaves room for one token after it.
    protected override void AfterCommit()
    {
        if (_isContextFull)
        {
            _isContextFull = false;
            int keptCount = Math.Min(_options.AttentionSinkCount!.Value, _contextLength / 2), forgottenCount = Math.Max(1, (_contextLength - keptCount) / 2);
            _lastKeptPosition = _firstWantedPosition = _contextLength - forgottenCount - 1;
            Forget(keptCount, forgottenCount);
        }
    }

    // Adds a token to the text, and ends the text if there is a reason to stop. The last two parameters state, according to the constraint, whether
    // the text may end after this token and whether it is then complete.
    private void Take(int token, float logProbability, IReadOnlyList<TokenLogProbability>? topLogProbabilities, bool mayEnd, bool isComplete)
    {
        Append(token);
        bool isEnd = !_options.IgnoreEndOfSequence && _mayEnd && (_tokenizer.IsEndOfGeneration(token) || _stopTokens.Contains(token));
        string text = "";
        if (!isEnd)
        {
            // A stop sequence ends a constrained text only if the text may end before and after each token of the stop sequence.
            text = _mayEnd && mayEnd ? _stopSequences.Append(_decoder.Append(token)) : _stopSequences.Flush() + _decoder.Append(token);
            _mayEnd = mayEnd;
        }

        _updates.TryWrite(new GenerationUpdate(
            text, token, float.IsNaN(logProbability) ? null : logProbability, TopLogProbabilities: topLogProbabilities));
        bool isStopped = _stopSequences.Found is not null;
        FinishReason? reason =
            isEnd || (!isStopped && isComplete) ? FinishReason.EndOfSequence
            : isStopped ? FinishReason.StopSequence
            : _generatedCount == _options.MaxTokens ? FinishReason.MaxTokens
            : TokenCount == _contextLength && _options.AttentionSinkCount is null ? FinishReason.ContextLength
            : null;
        if (reason is not null)
        {
            Finish(reason.Value, isStopped ? "" : _stopSequences.Append(_decoder.Flush()) + _stopSequences.Flush());
        }
        else
        {
            _isContextFull = TokenCount == _contextLength;
        }
    }

    // Where the constraint allows only one token, that token is known without logits, so several such tokens are computed in one pass.
    // Log-probabilities need the logits.
    private void TakeForced()
    {
        if (_options.LogProbabilities || _options.TopLogProbabilityCount > 0)
            return;
        int room = Math.Min(MaxForcedCount, Math.Min(Capacity, _contextLength) - TokenCount - 1);
        ReadOnlySpan<int> forced = _constraint!.TakeForcedTokens(Math.Min(room, (_options.MaxTokens ?? int.MaxValue) - _generatedCount - 1));
        for (int i = 0; i < forced.Length && !IsFinished; i++)
        {
            _generatedCount++;
            _sampler.AcceptForced(forced[i]);
            // The constraint has already accepted all of these tokens. The text cannot end between them, because then another token would be possible too.
            bool isLast = i == forced.Length - 1;
            Take(forced[i], float.NaN, null, mayEnd: isLast && _constraint.CanEnd, isComplete: isLast && _constraint.IsComplete);
        }

        _firstWantedPosition = TokenCount - 1;
    }

    // Each draft token causes an update, and so do the token after the draft and the end of the generation.
    private int RoomForDraft(int length)
        => Math.Clamp(Math.Min(UpdateCapacity - 2 - _updates.Count, (_options.MaxTokens ?? int.MaxValue) - _generatedCount - 1), 0, length);

    // Generated tokens are never public.
    public static PrefixSharing ChooseSharing(GenerationOptions options, int promptTokenCount)
        => options.ReusePrefix ? new PrefixSharing(options.PrefixScope, Math.Min(options.PublicPrefixTokenCount, promptTokenCount)) : PrefixSharing.None;

    private void Finish(FinishReason reason, string rest)
    {
        var usage = new GenerationUsage
        {
            PromptTokenCount = _promptTokenCount,
            CachedTokenCount = _cachedCount,
            GeneratedTokenCount = _generatedCount,
            DraftTokenCount = DraftTokenCount,
            AcceptedDraftTokenCount = AcceptedDraftTokenCount,
            DraftModelFault = _speculator?.ModelFault?.Message,
            TimeToFirstToken = _timeProvider.GetElapsedTime(_startTime, _firstTokenTime),
            DecodeTime = _timeProvider.GetElapsedTime(_firstTokenTime),
            Seed = _sampler.Seed,
        };
        IsFinished = true;
        string? stopSequence = reason == FinishReason.StopSequence && _options.StopSequences.Contains(_stopSequences.Found) ? _stopSequences.Found : null;
        _updates.TryWrite(new GenerationUpdate(rest, FinishReason: reason, Usage: usage) { StopSequence = stopSequence });
        _updates.Complete();
    }
}
