using System.Numerics.Tensors;
using Llama2.Model;
using Llama2.Tensors;

namespace Llama2.Generation;

/// <summary>
/// A sequence of tokens that the scheduler computes: some are known, and of these the first <see cref="ComputedCount"/> are in the cache.
/// After the known tokens it may have a draft: guesses of the tokens that come next, computed in the same pass as those before them, and
/// dropped from the first wrong guess on. What is done with the logits or hidden states is the derived class's matter. The scheduler's
/// steps call it, one after the other, but for <see cref="Cancel"/>; <see cref="Deliver"/> is called on any thread, for many sequences at once.
/// </summary>
/// <param name="tokens">The known tokens, and room for those that are to come.</param>
/// <param name="tokenCount">How many are known.</param>
/// <param name="adapters">What it runs with; null is none.</param>
/// <param name="sharing">With whom it shares keys and values; null is <see cref="PrefixSharing.Default"/>.</param>
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
    // Positions before this one are computed from tokens that are known by now; in a pass, those after it from a draft that proved wrong.
    private int _soundEnd;
    private bool _isSound = true;

    /// <summary>The known tokens.</summary>
    public ReadOnlySpan<int> Tokens => tokens.AsSpan(0, TokenCount);

    /// <summary>How many tokens are known.</summary>
    public int TokenCount { get; private set; } = tokenCount;

    /// <summary>How many tokens are computed.</summary>
    public int ComputedCount { get; private set; }

    /// <summary>Tokens that needed no computing, since another sequence had computed them.</summary>
    public int ReusedCount { get; private set; }

    /// <summary>Positions that the sequence may come to.</summary>
    public int Capacity => tokens.Length;

    /// <summary>How many tokens, from the first on, are wanted for their keys and values only: these may come from another sequence.</summary>
    public virtual int ReusableCount => 0;

    /// <summary>Tokens that are known and not computed.</summary>
    public int PendingCount => TokenCount - ComputedCount;

    /// <summary>
    /// Whether the sequence generates at the moment, so that somebody waits for its next token: such sequences are computed before prompts.
    /// </summary>
    public virtual bool IsDecoding => false;

    /// <summary>What <see cref="Deliver"/> threw: the sequence's own fault, such as logits that are NaN.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsFinished { get; protected set; }

    /// <summary>Whether the caller has lost interest, or the scheduler has dropped it.</summary>
    public bool IsCancelled => Volatile.Read(ref _isCancelled);

    /// <summary>Whether the sequence can take what a pass would give it.</summary>
    public abstract bool IsReady { get; }

    /// <summary>The clock's timestamp at which <see cref="IsReady"/> became false because the reader lags; null if it does not.</summary>
    public virtual long? StalledSince => null;

    /// <summary>Takes memory for keys and values, with those that are known, and the adapters until <see cref="Stop"/>; false if there is no memory now.</summary>
    /// <exception cref="ObjectDisposedException">An adapter is disposed.</exception>
    public bool TryStart(KeyValuePool pool)
    {
        AcquireAdapters();
        _pool = pool;
        _cache = pool.TryRent(Tokens, ReusableCount, Capacity, out int computedCount, _adapters, _sharing);
        ComputedCount = ReusedCount = _publishedCount = computedCount;
        if (_cache is null)
        {
            // A sequence that waits holds nothing: it may be forgotten at any time.
            ReleaseAdapters();
        }

        return _cache is not null;
    }

    /// <summary>Takes over what other sequences have computed since.</summary>
    public void Reuse()
    {
        int computedCount = _pool!.Reuse(_cache!, Tokens, ReusableCount, ComputedCount);
        ReusedCount += computedCount - ComputedCount;
        ComputedCount = _publishedCount = computedCount;
    }

    /// <summary>Whether another sequence computes in this pass what this one would next: to wait for it is to have it for nothing.</summary>
    /// <param name="other">The other sequence.</param>
    /// <param name="count">Tokens of it that the pass computes.</param>
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

    /// <summary>Adds the next tokens to a batch, as many as it has room for, and those of the draft after them.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="capacity">Tokens that the batch may have then.</param>
    /// <param name="logitsCapacity">Wanted logits that the batch may have then.</param>
    /// <returns>How many; <see cref="Deliver"/> and <see cref="Commit"/> follow when the batch is computed.</returns>
    public int AddTo(Batch batch, int capacity, int logitsCapacity)
    {
        int count = 0, wantedCount = PendingCount + _draftCount;
        _hiddenStateRow = batch.HiddenStateCount;
        _pool!.Extend(_cache!, ComputedCount + Math.Min(wantedCount, capacity - batch.Count));
        for (; count < wantedCount && batch.Count < capacity; count++)
        {
            int position = ComputedCount + count;
            bool wantsLogits = WantsLogits(position);
            if (wantsLogits && batch.LogitsCount == logitsCapacity)
            {
                break;
            }

            batch.Add(tokens[position], position, _cache!, wantsLogits, WantsHiddenState(position));
        }

        return count;
    }

    /// <summary>
    /// Takes what was wanted of the next tokens, which are computed, until the sequence is finished, or a token of the draft proves wrong. Touches
    /// nothing that sequences share, so that many sequences can do it at once; what it throws is kept in <see cref="Fault"/>.
    /// </summary>
    /// <param name="count">What <see cref="AddTo"/> returned.</param>
    /// <param name="state">Holds the logits and hidden states.</param>
    /// <param name="logitsRow">The row of this sequence's first logits.</param>
    /// <param name="candidates">Buffers to choose tokens with, which no other thread uses meanwhile.</param>
    public void Deliver(int count, InferenceState state, int logitsRow, TokenCandidates candidates)
    {
        _soundEnd = ComputedCount + count;
        while (ComputedCount < _soundEnd && !IsFinished && Fault is null)
        {
            int position = ComputedCount++;
            if (WantsLogits(position))
            {
                TryAccept(position, state.Logits[logitsRow++], candidates);
            }
            else if (WantsHiddenState(position))
            {
                TryAccept(position, state.HiddenStates[_hiddenStateRow++], candidates);
            }
        }

        // What is left of the old draft was not in the pass; the new one may have it again. There is room for one token more, the one after it.
        _draftCount = IsDecoding && !IsFinished && Fault is null ? Draft(tokens.AsSpan(TokenCount, Math.Max(0, Capacity - TokenCount - 1))) : 0;
    }

    /// <summary>
    /// Takes note that the tokens are computed that <see cref="Deliver"/> has come past: others may use their keys and values from now on. Those
    /// of wrong guesses are overwritten by the next pass.
    /// </summary>
    /// <exception cref="LlamaMemoryException">Memory that the sequence had is no longer to be had.</exception>
    public void Commit()
    {
        _pool!.Publish(_cache!, _publishedCount, tokens.AsSpan(_publishedCount, ComputedCount - _publishedCount));
        _publishedCount = ComputedCount;
        if (Fault is null)
        {
            AfterCommit();
        }
    }

    /// <summary>Lets the pass that computes the sequence end, if it is not cancelled yet; the scheduler calls it, from any thread.</summary>
    /// <returns>Whether this call is the one that cancelled it.</returns>
    public bool Cancel() => !Interlocked.Exchange(ref _isCancelled, true);

    /// <summary>Tells the caller that the sequence ended by a fault.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>
    /// Gives the memory for keys and values back, and lets go of the adapters. Other sequences may use keys and values, unless they led to what is
    /// no number.
    /// </summary>
    public void Stop()
    {
        ReturnCache();
        ReleaseAdapters();
    }

    /// <summary>Whether the logits after the token at a position are wanted; the same answer every time.</summary>
    protected abstract bool WantsLogits(int position);

    /// <summary>Whether the hidden state of the token at a position is wanted; the same answer every time, and false where the logits are.</summary>
    protected virtual bool WantsHiddenState(int position) => false;

    /// <summary>
    /// Takes the logits after the token at a position, or its hidden state, whichever is wanted. On any thread; it touches nothing that sequences share.
    /// </summary>
    /// <param name="position">The position.</param>
    /// <param name="output">The logits or the hidden state.</param>
    /// <param name="candidates">Buffers to choose a token with.</param>
    protected abstract void Accept(int position, ReadOnlySpan<float> output, TokenCandidates candidates);

    /// <summary>
    /// Guesses the tokens that come after the known ones, to be computed with the next pass: where they are right, a pass gives several tokens.
    /// The results are the same without. On any thread; it touches nothing that sequences share.
    /// </summary>
    /// <param name="draft">Takes the guesses; each must be a token of the vocabulary.</param>
    /// <returns>How many there are, 0 or more.</returns>
    protected virtual int Draft(Span<int> draft) => 0;

    /// <summary>Called after each pass, when what it computed is in the cache.</summary>
    /// <exception cref="LlamaMemoryException">Memory that the sequence had is no longer to be had.</exception>
    protected virtual void AfterCommit()
    {
    }

    /// <summary>Forgets <paramref name="count"/> tokens after the first <paramref name="keptCount"/>: those behind them move up, and are computed again.</summary>
    /// <exception cref="LlamaMemoryException">Memory that the sequence had is no longer to be had.</exception>
    protected void Forget(int keptCount, int count)
    {
        tokens.AsSpan((keptCount + count)..TokenCount).CopyTo(tokens.AsSpan(keptCount));
        TokenCount -= count;
        // What moved up is not what was public.
        _sharing = _sharing with { PublicTokenCount = Math.Min(_sharing.PublicTokenCount, keptCount) };
        KeyValuePool pool = _pool!;
        ReturnCache();
        if (!TryStart(pool))
        {
            throw pool.Refused(Capacity);
        }
    }

    /// <summary>Makes one more token known; there must be room for it. If the draft has another one at its place, that is dropped, with all after it.</summary>
    protected void Append(int token)
    {
        if (_draftCount > 0 && tokens[TokenCount] == token)
        {
            _draftCount--;
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

    private void TryAccept(int position, ReadOnlySpan<float> output, TokenCandidates candidates)
    {
        try
        {
            Accept(position, output, candidates);
        }
#pragma warning disable CA1031 // The scheduler ends the sequence with it; on a worker's thread it would end the pass of all.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _isSound &= exception is not NumericalException || TensorPrimitives.IsFiniteAll(output);
            Fault = exception;
        }
    }
}
