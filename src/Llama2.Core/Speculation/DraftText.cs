using Llama2.Model;

namespace Llama2.Speculation;

/// <summary>
/// A text in the draft model: its tokens, their keys and values, and after the known tokens those that the draft model guesses. When the text has
/// grown, the guesses that turned out right keep their keys and values; those of the wrong ones are overwritten. Used by the computing thread only.
/// </summary>
/// <param name="capacity">The maximum number of tokens, known and guessed.</param>
/// <param name="sharing">The other texts with which keys and values are shared.</param>
internal sealed class DraftText(int capacity, PrefixSharing sharing) : IDisposable
{
    private readonly int[] _tokens = new int[capacity];
    private KeyValuePool? _pool;
    private KeyValueCache? _cache;
    private int _tokenCount;
    private int _knownCount;
    private int _computedCount;
    private int _publishedCount;

    /// <summary>The guesses.</summary>
    public ReadOnlySpan<int> Guesses => _tokens.AsSpan(_knownCount, _tokenCount - _knownCount);

    /// <summary>The number of guesses.</summary>
    public int GuessCount => _tokenCount - _knownCount;

    /// <summary>The number of tokens that are not computed yet; the model guesses the next token from the last of them.</summary>
    public int PendingCount => _tokenCount - _computedCount;

    /// <summary>Whether no guess has been made yet, so that the model may still be computing the prompt.</summary>
    public bool IsNew { get; private set; } = true;

    /// <summary>Drops the guesses, and takes over the known tokens.</summary>
    /// <param name="tokens">The known tokens, one or more; fewer than the capacity, so that there is room for a guess.</param>
    /// <param name="pool">The memory for keys and values.</param>
    /// <returns>False if there is no memory.</returns>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public bool Follow(ReadOnlySpan<int> tokens, KeyValuePool pool)
    {
        _tokenCount = _knownCount;
        int commonCount = tokens.CommonPrefixLength(_tokens.AsSpan(0, _computedCount));
        tokens.CopyTo(_tokens);
        _tokenCount = _knownCount = tokens.Length;
        _computedCount = Math.Min(commonCount, tokens.Length - 1);
        if (_cache is null || commonCount < _publishedCount)
        {
            Dispose();
            _pool = pool;
            _cache = pool.TryRent(tokens, tokens.Length - 1, capacity, out _computedCount, sharing: sharing);
            _publishedCount = _computedCount;
            return _cache is not null;
        }

        pool.Publish(_cache, _publishedCount, tokens[_publishedCount.._computedCount]);
        _publishedCount = _computedCount;
        return true;
    }

    /// <summary>Adds the tokens that are not computed yet to a batch, as far as there is room; the last one with logits.</summary>
    /// <returns>The number of tokens added.</returns>
    public int AddTo(Batch batch, int batchCapacity)
    {
        int count = Math.Min(PendingCount, batchCapacity - batch.Count);
        _pool!.Extend(_cache!, _computedCount + count);
        for (int i = 0; i < count; i++)
        {
            int position = _computedCount + i;
            batch.Add(_tokens[position], position, _cache!, wantsLogits: position == _tokenCount - 1);
        }

        return count;
    }

    /// <summary>Records that tokens were computed.</summary>
    public void Advance(int count) => _computedCount += count;

    /// <summary>Adds a guess.</summary>
    public void Append(int token)
    {
        _tokens[_tokenCount++] = token;
        IsNew = false;
    }

    /// <summary>Whether there is room for another guess.</summary>
    public bool HasRoom => _tokenCount < capacity;

    /// <summary>Returns the memory for keys and values.</summary>
    public void Dispose()
    {
        if (_cache is not null)
        {
            _pool!.Return(_cache);
            _cache = null;
        }
    }
}
