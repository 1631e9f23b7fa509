using System.Numerics.Tensors;
using Llama2.Model;
using Llama2.Speculation;
using Llama2.Tensors;

namespace Llama2.Generation;

/// <summary>
/// A sequence of tokens that the scheduler computes. Some tokens are known, and the keys and values of the first <see cref="ComputedCount"/> of them
/// are in the cache. After the known tokens there may be a draft: guesses of the next tokens, which are computed in the same pass as the tokens
/// before them. The first wrong guess and all guesses after it are dropped. Derived classes decide what to do with the logits or hidden states. The
/// scheduler's steps call the members, one after the other, with two exceptions: <see cref="Cancel"/> may be called by any thread, and
/// <see cref="Deliver"/> runs for many sequences at the same time, each on any thread.
/// </summary>
/// <param name="tokens">The known tokens, and room for later ones.</param>
/// <param name="tokenCount">The number of known tokens.</param>
/// <param name="adapters">The adapters of the sequence; null for none.</param>
/// <param name="sharing">Which sequences this one shares keys and values with; null is <see cref="PrefixSharing.Default"/>.</param>
internal abstract class Sequence(int[] tokens, int tokenCount, AdapterSet? adapters = null, PrefixSharing? sharing = null)
{
    private readonly AdapterSet _adapters = adapters ?? AdapterSet.None;
    private PrefixSharing _sharing = sharing ?? PrefixSharing.Default;
    private bool _isAcquired;
    private KeyValuePool? _pool;
    private KeyValueCache? _cache;
    private bool _isCancelled;
    private int _hiddenStateRow;
    private int _publishedCount;
    private int _draftCount;
    // The first position of the pass whose logits are computed; those of all later positions of the pass are computed, too.
    private int _firstLogitsPosition;
    private int _passEnd;
    private DraftOutcome _outcome;
    // The positions before _soundEnd were computed from known tokens. During a pass, the positions from _soundEnd on may belong to draft tokens that
    // turned out to be wrong.
    private int _soundEnd;
    private bool _isSound = true;

    /// <summary>The known tokens.</summary>
    public ReadOnlySpan<int> Tokens => tokens.AsSpan(0, TokenCount);

    /// <summary>The number of known tokens.</summary>
    public int TokenCount { get; private set; } = tokenCount;

    /// <summary>The number of tokens whose keys and values have been computed.</summary>
    public int ComputedCount { get; private set; }

    /// <summary>The number of tokens that did not have to be computed, because another sequence had computed them.</summary>
    public int ReusedCount { get; private set; }

    /// <summary>The maximum number of positions of the sequence.</summary>
    public int Capacity => tokens.Length;

    /// <summary>
    /// The number of tokens at the beginning of the sequence for which only keys and values are needed, not logits or hidden states. These keys and
    /// values may come from another sequence.
    /// </summary>
    public virtual int ReusableCount => 0;

    /// <summary>The number of tokens that are known but not computed yet.</summary>
    public int PendingCount => TokenCount - ComputedCount;

    /// <summary>The number of tokens of the draft that the last call of <see cref="AddTo"/> added to the batch.</summary>
    public int ComputedDraftCount => _outcome.ComputedCount;

    /// <summary>
    /// Whether the sequence is decoding, so that a reader waits for its next token: such sequences are computed before prompts.
    /// </summary>
    public virtual bool IsDecoding => false;

    /// <summary>The exception that <see cref="Deliver"/> threw. Only this sequence caused it, for example by a NaN among its logits.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>The number of guessed tokens that passes have computed.</summary>
    public int DraftTokenCount { get; private set; }

    /// <summary>The number of guessed tokens that passes have computed and that were right.</summary>
    public int AcceptedDraftTokenCount { get; private set; }

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsFinished { get; protected set; }

    /// <summary>Whether the caller has cancelled the sequence, or the scheduler has dropped it.</summary>
    public bool IsCancelled => Volatile.Read(ref _isCancelled);

    /// <summary>Whether the sequence can accept the results of another pass.</summary>
    public abstract bool IsReady { get; }

    /// <summary>The clock's timestamp at which <see cref="IsReady"/> became false because the reader lags behind; null if the reader does not lag.</summary>
    public virtual long? StalledSince => null;

    /// <summary>
    /// Reserves memory for keys and values, reuses those that other sequences have computed, and holds the adapters until <see cref="Stop"/>. Returns
    /// false if there is not enough memory at the moment.
    /// </summary>
    /// <exception cref="ObjectDisposedException">An adapter is disposed.</exception>
    public bool TryStart(KeyValuePool pool)
    {
        AcquireAdapters();
        _pool = pool;
        _cache = pool.TryRent(Tokens, ReusableCount, Capacity, out int computedCount, _adapters, _sharing);
        ComputedCount = ReusedCount = _publishedCount = computedCount;
        if (_cache is null)
        {
            // A waiting sequence holds nothing, because it may be dropped at any time.
            ReleaseAdapters();
        }

        return _cache is not null;
    }

    /// <summary>Reuses the keys and values that other sequences have computed in the meantime.</summary>
    public void Reuse()
    {
        int computedCount = _pool!.Reuse(_cache!, Tokens, ReusableCount, ComputedCount);
        ReusedCount += computedCount - ComputedCount;
        ComputedCount = _publishedCount = computedCount;
    }

    /// <summary>
    /// Whether another sequence of this pass computes the tokens that this sequence would compute next. If so, this sequence waits, and then reuses
    /// the keys and values of those tokens at no cost.
    /// </summary>
    /// <param name="other">The other sequence.</param>
    /// <param name="count">The number of the other sequence's tokens that the pass computes.</param>
    public bool Awaits(Sequence other, int count)
    {
        if (!_sharing.IsShared || !other._sharing.IsShared || !_adapters.Equals(other._adapters))
        {
            return false;
        }

        int visibleCount = _sharing.Scope == other._sharing.Scope ? int.MaxValue : other._cache!.PublicTokenCount;
        return other.ComputedCount <= ComputedCount && ComputedCount < Math.Min(Math.Min(ReusableCount, visibleCount), other.ComputedCount + count)
            && Tokens.CommonPrefixLength(other.Tokens) > ComputedCount;
    }

    /// <summary>Adds the next known tokens to a batch, and then the tokens of the draft, as far as there is room.</summary>
    /// <param name="batch">The batch to add to.</param>
    /// <param name="capacity">The maximum number of tokens in the batch afterwards.</param>
    /// <param name="logitsCapacity">The maximum number of rows of logits of the batch afterwards.</param>
    /// <param name="draftLimit">The maximum number of tokens of the draft to add.</param>
    /// <returns>The number of tokens added. When the batch is computed, <see cref="Deliver"/> and <see cref="Commit"/> follow.</returns>
    public int AddTo(Batch batch, int capacity, int logitsCapacity, int draftLimit = int.MaxValue)
    {
        int count = 0, wantedCount = PendingCount + Math.Min(_draftCount, draftLimit);
        _hiddenStateRow = batch.HiddenStateCount;
        _firstLogitsPosition = int.MaxValue;
        _pool!.Extend(_cache!, ComputedCount + Math.Min(wantedCount, capacity - batch.Count));
        for (; count < wantedCount && batch.Count < capacity; count++)
        {
            int position = ComputedCount + count;
            bool wantsLogits = WantsLogits(position);
            if (wantsLogits && batch.LogitsCount == logitsCapacity)
            {
                break;
            }

            if (wantsLogits)
            {
                _firstLogitsPosition = Math.Min(_firstLogitsPosition, position);
            }

            batch.Add(tokens[position], position, _cache!, wantsLogits, WantsHiddenState(position));
        }

        _outcome = new DraftOutcome { ComputedCount = Math.Max(0, count - PendingCount) };
        return count;
    }

    /// <summary>Chooses how many tokens of the draft the next pass computes, and records them in the forecast.</summary>
    /// <param name="forecast">The forecast of the pass.</param>
    public int ChooseDraft(PassForecast forecast) => ChooseDraft(_draftCount, forecast);

    /// <summary>Requests guesses from the draft model.</summary>
    /// <param name="forecast">The forecast of the next pass.</param>
    /// <param name="secondsPerGuess">The time of a guess; 0 if it is not known.</param>
    /// <param name="maxTokenCount">The maximum number of tokens of a text in the draft model.</param>
    /// <returns>The text in the draft model, and the number of guesses; null for none. If not null, <see cref="TakeDraft(double)"/> or <see cref="EndModelDrafts"/> follows.</returns>
    public (DraftText Text, int Count)? RequestDraft(PassForecast forecast, double secondsPerGuess, int maxTokenCount)
        => TokenCount < maxTokenCount ? RequestDraft(Capacity - TokenCount - 1, forecast, secondsPerGuess) : null;

    /// <summary>Takes over the guesses of the draft model.</summary>
    /// <param name="seconds">The time that the guesses took.</param>
    public void TakeDraft(double seconds) => _draftCount = TakeDraft(tokens.AsSpan(TokenCount), seconds);

    /// <summary>Called instead of <see cref="TakeDraft(double)"/> if the draft model failed; it is not asked again.</summary>
    public virtual void EndModelDrafts(Exception fault)
    {
    }

    /// <summary>
    /// Processes the results of the computed tokens one by one, until the sequence is finished or a token of the draft turns out to be wrong. Touches
    /// no state that sequences share, so that many sequences can do this at the same time. An exception is stored in <see cref="Fault"/>.
    /// </summary>
    /// <param name="count">The value that <see cref="AddTo"/> returned.</param>
    /// <param name="state">Holds the logits and hidden states.</param>
    /// <param name="logitsRow">The row of this sequence's first logits.</param>
    /// <param name="candidates">Buffers for sampling, which no other thread uses at the same time.</param>
    public void Deliver(int count, InferenceState state, int logitsRow, TokenCandidates candidates)
    {
        _soundEnd = _passEnd = ComputedCount + count;
        DraftTokenCount += _outcome.ComputedCount;
        while (ComputedCount < _soundEnd && !IsFinished && Fault is null)
        {
            int position = ComputedCount++;
            if (WantsLogits(position))
            {
                TryAccept(position, state.Logits[logitsRow + position - _firstLogitsPosition], candidates);
            }
            else if (WantsHiddenState(position))
            {
                TryAccept(position, state.HiddenStates[_hiddenStateRow++], candidates);
            }
        }

        if (!IsFinished && Fault is null)
        {
            TryDraft();
        }
    }

    /// <summary>
    /// Marks the tokens that <see cref="Deliver"/> has processed as computed: other sequences may use their keys and values from now on. The keys and
    /// values of wrong guesses are overwritten by the next pass.
    /// </summary>
    /// <exception cref="LlamaMemoryException">Memory that was available before is no longer available.</exception>
    public void Commit()
    {
        _pool!.Publish(_cache!, _publishedCount, tokens.AsSpan(_publishedCount, ComputedCount - _publishedCount));
        _publishedCount = ComputedCount;
        if (Fault is null)
        {
            AfterCommit();
        }
    }

    /// <summary>Marks the sequence as cancelled, so that the pass that computes it may end. Called by the scheduler, on any thread.</summary>
    /// <returns>Whether this call cancelled the sequence; false if the sequence was already cancelled.</returns>
    public bool Cancel() => !Interlocked.Exchange(ref _isCancelled, true);

    /// <summary>Ends the sequence for its caller with an exception.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>
    /// Returns the memory for keys and values, and releases the adapters. Other sequences may reuse the keys and values, unless they led to NaN or
    /// infinity.
    /// </summary>
    public virtual void Stop()
    {
        ReturnCache();
        ReleaseAdapters();
    }

    /// <summary>
    /// Whether the logits after the token at a position are needed. If so, those of all later positions are needed, too. The answer may change only from
    /// true to false, when a token at a later position becomes known without them.
    /// </summary>
    protected abstract bool WantsLogits(int position);

    /// <summary>
    /// Whether the hidden state of the token at a position is needed. The answer must always be the same for a position, and must be false if the
    /// logits are needed.
    /// </summary>
    protected virtual bool WantsHiddenState(int position) => false;

    /// <summary>
    /// Receives the logits after the token at a position or the hidden state of that token, whichever is needed. Called on any thread, so it must not
    /// touch state that sequences share.
    /// </summary>
    /// <param name="position">The position.</param>
    /// <param name="output">The logits or the hidden state.</param>
    /// <param name="candidates">Buffers for sampling.</param>
    protected abstract void Accept(int position, ReadOnlySpan<float> output, TokenCandidates candidates);

    /// <summary>
    /// Guesses the tokens that come after the known ones, to be computed in the next pass: if guesses are right, a pass yields several tokens.
    /// Results are the same without a draft. Called on any thread, so it must not touch state that sequences share.
    /// </summary>
    /// <param name="draft">Receives the guesses; each must be a token of the vocabulary.</param>
    /// <returns>The number of guesses, 0 or more.</returns>
    protected virtual int Draft(Span<int> draft) => 0;

    /// <summary>Requests guesses from the draft model.</summary>
    /// <param name="room">The number of guesses that there is room for.</param>
    /// <param name="forecast">The forecast of the next pass.</param>
    /// <param name="secondsPerGuess">The time of a guess; 0 if it is not known.</param>
    protected virtual (DraftText Text, int Count)? RequestDraft(int room, PassForecast forecast, double secondsPerGuess) => null;

    /// <summary>Takes over the guesses of the draft model.</summary>
    /// <param name="draft">Receives the guesses.</param>
    /// <param name="seconds">The time that the guesses took.</param>
    /// <returns>The number of guesses.</returns>
    protected virtual int TakeDraft(Span<int> draft, double seconds) => 0;

    /// <summary>Chooses how many tokens of the draft the next pass computes, and records them in the forecast.</summary>
    /// <param name="draftCount">The number of tokens of the draft.</param>
    /// <param name="forecast">The forecast of the pass.</param>
    protected virtual int ChooseDraft(int draftCount, PassForecast forecast)
    {
        int count = Math.Min(draftCount, forecast.Room);
        forecast.Add(count, probability: 0.5);
        return count;
    }

    /// <summary>Called after each pass with the outcome of the draft, before the next draft is made.</summary>
    protected virtual void LearnFromDraft(DraftOutcome outcome)
    {
    }

    /// <summary>Called after each pass, when the results are in the cache.</summary>
    /// <exception cref="LlamaMemoryException">Memory that was available before is no longer available.</exception>
    protected virtual void AfterCommit()
    {
    }

    /// <summary>
    /// Keeps the first <paramref name="keptCount"/> tokens, and drops the <paramref name="count"/> tokens that follow them. The tokens after the
    /// dropped ones move to lower positions, and are computed again.
    /// </summary>
    /// <exception cref="LlamaMemoryException">Memory that was available before is no longer available.</exception>
    protected void Forget(int keptCount, int count)
    {
        tokens.AsSpan((keptCount + count)..TokenCount).CopyTo(tokens.AsSpan(keptCount));
        TokenCount -= count;
        // The tokens that moved are no longer public.
        _sharing = _sharing with { PublicTokenCount = Math.Min(_sharing.PublicTokenCount, keptCount) };
        KeyValuePool pool = _pool!;
        ReturnCache();
        if (!TryStart(pool))
        {
            throw pool.Refused(Capacity);
        }
    }

    /// <summary>
    /// Adds a known token; there must be room for it. If the draft has a different token at this position, the draft is dropped from there on.
    /// </summary>
    protected void Append(int token)
    {
        _outcome.ComparedCount += _draftCount > 0 ? 1 : 0;
        if (_draftCount > 0 && tokens[TokenCount] == token)
        {
            _draftCount--;
            _outcome.RightCount++;
            if (TokenCount < _passEnd)
            {
                _outcome.AcceptedCount++;
                AcceptedDraftTokenCount++;
            }
        }
        else
        {
            _draftCount = 0;
            _soundEnd = Math.Min(_soundEnd, TokenCount);
        }

        tokens[TokenCount++] = token;
    }

    private void AcquireAdapters()
    {
        if (!_isAcquired)
        {
            _adapters.Acquire();
            _isAcquired = true;
        }
    }

    private void ReleaseAdapters()
    {
        if (_isAcquired)
        {
            _adapters.Release();
            _isAcquired = false;
        }
    }

    private void ReturnCache()
    {
        if (_cache is not null)
        {
            _pool!.Return(_cache, _isSound);
            _cache = null;
        }
    }

    // The draft is replaced: if the pass had no room for the end of the old draft, the new draft may contain that end again. One place is left free for
    // the token after the draft.
    private void TryDraft()
    {
        LearnFromDraft(_outcome);
        _draftCount = 0;
        try
        {
            _draftCount = IsDecoding ? Draft(tokens.AsSpan(TokenCount, Math.Max(0, Capacity - TokenCount - 1))) : 0;
        }
#pragma warning disable CA1031 // As in TryAccept: drafters may be the user's own code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fault = exception;
        }
    }

    private void TryAccept(int position, ReadOnlySpan<float> output, TokenCandidates candidates)
    {
        try
        {
            Accept(position, output, candidates);
        }
#pragma warning disable CA1031 // The scheduler ends only this sequence with the stored exception. An exception on a worker's thread would end the pass of all sequences.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _isSound &= exception is not NumericalException || TensorPrimitives.IsFiniteAll(output);
            Fault = exception;
        }
    }
}
