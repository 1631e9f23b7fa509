using System.Numerics.Tensors;
using Llama2.Model;
using Llama2.Tensors;

namespace Llama2.Generation;

/// <summary>
/// A sequence of tokens that the scheduler computes: some are known, and of these the first <see cref="ComputedCount"/> are in the cache.
/// What is done with the logits or hidden states is the derived class's matter. Only the scheduler's thread calls it, but for <see cref="Cancel"/>.
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
        ComputedCount = ReusedCount = computedCount;
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
        ComputedCount = computedCount;
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

    /// <summary>Adds the next tokens to a batch, as many as it has room for.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="capacity">Tokens that the batch may have then.</param>
    /// <param name="logitsCapacity">Wanted logits that the batch may have then.</param>
    /// <returns>How many; <see cref="Complete"/> follows when the batch is computed.</returns>
    public int AddTo(Batch batch, int capacity, int logitsCapacity)
    {
        int count = 0;
        _hiddenStateRow = batch.HiddenStateCount;
        _pool!.Extend(_cache!, Math.Min(TokenCount, ComputedCount + capacity - batch.Count));
        for (; count < PendingCount && batch.Count < capacity; count++)
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

    /// <summary>Takes note that the next tokens are computed, and takes what was wanted of them.</summary>
    /// <param name="count">What <see cref="AddTo"/> returned.</param>
    /// <param name="state">Holds the logits and hidden states.</param>
    /// <param name="logitsRow">The row of this sequence's first logits.</param>
    public void Complete(int count, InferenceState state, int logitsRow)
    {
        int start = ComputedCount;
        ComputedCount += count;
        _pool!.Publish(_cache!, start, tokens.AsSpan(start, count));
        for (int position = start; position < start + count; position++)
        {
            if (WantsLogits(position))
            {
                Deliver(position, state.Logits[logitsRow++]);
            }
            else if (WantsHiddenState(position))
            {
                Deliver(position, state.HiddenStates[_hiddenStateRow++]);
            }
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

    /// <summary>Takes the logits after the token at a position, or its hidden state, whichever is wanted.</summary>
    protected abstract void Accept(int position, ReadOnlySpan<float> output);

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

    /// <summary>Makes one more token known; there must be room for it.</summary>
    protected void Append(int token) => tokens[TokenCount++] = token;

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

    private void Deliver(int position, ReadOnlySpan<float> output)
    {
        try
        {
            Accept(position, output);
        }
        catch (NumericalException) when (!TensorPrimitives.IsFiniteAll(output))
        {
            _isSound = false;
            throw;
        }
    }
}
