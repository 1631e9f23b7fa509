using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Tensors;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// Gives sequences their pages of keys and values, from a fixed number of bytes of memory, and remembers which keys and values were computed. The
/// pages form a tree of prefixes. A sequence that begins with the tokens of an earlier one reuses the keys and values of these tokens (Kwon et al.
/// 2023, "PagedAttention"; Zheng et al. 2024, "RadixAttention"), as far as <see cref="PrefixSharing"/> permits. Whole pages are shared; if only the
/// first tokens of a page are those of the sequence, the page is copied. Pages that no running sequence has are kept until their memory is needed;
/// the least recently used pages are reused first. Used by the computing thread only.
/// </summary>
internal sealed class KeyValuePool : IDisposable
{
    private const int PageLength = Attention.BlockLength;
    // The number of generated tokens for which a sequence gets pages when it starts.
    private const int ReadyTokenCount = 4096;
    private readonly Attention _attention;
    private readonly PrefixTree _tree = new();
    private readonly KeyValuePages _pages;
    private readonly PublicRemainders _publicRemainders;

    /// <param name="configuration">The model's shape.</param>
    /// <param name="attention">Defines the layout of the blocks.</param>
    /// <param name="byteCapacity">The maximum size of all pages together, in bytes.</param>
    public KeyValuePool(ModelConfiguration configuration, Attention attention, long byteCapacity)
    {
        _attention = attention;
        _pages = new KeyValuePages(configuration, attention, _tree, byteCapacity);
        _publicRemainders = new PublicRemainders(_tree, _pages);
    }

    /// <summary>The size of a page in bytes.</summary>
    public long PageByteSize => _pages.PageByteSize;

    /// <summary>The maximum number of pages.</summary>
    public int PageCapacity => _pages.Capacity;

    /// <summary>The size of the pages that running sequences have, in bytes. May be read from any thread.</summary>
    public long UsedByteSize => _pages.UsedCount * PageByteSize;

    /// <summary>The number of roots and branches in the tree of prefixes; for tests.</summary>
    public int BranchCount => _tree.BranchCount;

    /// <summary>Whether there would be room for a sequence if no other sequence were running.</summary>
    public bool HasRoomFor(int capacity) => KeyValueCache.PageCountFor(capacity) <= PageCapacity;

    /// <summary>Creates the exception for a sequence that there is no room for, and that cannot wait because no other sequence is running.</summary>
    public LlamaMemoryException Refused(int capacity) => Refused(
        capacity,
        $"Allow fewer new tokens ({nameof(GenerationOptions)}.{nameof(GenerationOptions.MaxTokens)}, --max-tokens), a shorter context ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ContextLength)}, --context), or more memory for them ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.KeyValueCacheByteSize)}).");

    /// <summary>Creates the exception for a sequence that there is no room for.</summary>
    /// <param name="capacity">The number of its tokens.</param>
    /// <param name="remedy">A sentence that says what helps.</param>
    public LlamaMemoryException Refused(int capacity, string remedy)
    {
        long required = KeyValueCache.PageCountFor(capacity) * PageByteSize, available = _pages.AttainableByteSize;
        return new LlamaMemoryException(
            Invariant($"There is not enough memory for the keys and values of {capacity:N0} tokens: {ByteSizeText.Needed(required)} are needed, {ByteSizeText.Available(available)} are available. {remedy}"),
            required,
            available);
    }

    /// <summary>Allocates a cache for a sequence.</summary>
    /// <param name="tokens">The sequence's known tokens.</param>
    /// <param name="reusableCount">The number of tokens at the beginning of the sequence that may be reused if their keys and values are already computed.</param>
    /// <param name="capacity">The maximum number of positions of the sequence.</param>
    /// <param name="computedCount">The number of tokens whose keys and values the cache already holds.</param>
    /// <param name="adapters">The adapters of the sequence, null for none. Keys and values are reused only if they were computed with the same adapters.</param>
    /// <param name="sharing">Determines which other sequences this one shares keys and values with; null is <see cref="PrefixSharing.Default"/>.</param>
    /// <returns>
    /// The cache; null if there is no room until running sequences end. Even a sequence that could share the pages of a running sequence may be
    /// refused: if the tree has another path for the same tokens that is longer or has more public pages, that path is used
    /// (<see cref="PrefixTree.Enter"/>), and its pages need room too.
    /// </returns>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public KeyValueCache? TryRent(
        ReadOnlySpan<int> tokens, int reusableCount, int capacity, out int computedCount, AdapterSet? adapters = null, PrefixSharing? sharing = null)
    {
        var cache = new KeyValueCache(KeyValueCache.PageCountFor(capacity), _attention)
        {
            Adapters = adapters ?? AdapterSet.None,
            Sharing = sharing ?? PrefixSharing.Default,
        };
        if (cache.Sharing.IsShared)
        {
            foreach (KeyValuePage page in _tree.Enter(cache, tokens[..reusableCount]))
            {
                _pages.Use(page);
                cache.Add(page);
            }
        }

        computedCount = cache.PageCount * PageLength;
        if (cache.MissingPageCount > _pages.AvailableCount)
        {
            GiveBack(cache);
            return null;
        }

        _pages.PromisedCount += cache.MissingPageCount;
        try
        {
            // Pages for later tokens are allocated during generation, where the cost of an occasional allocation is negligible.
            Extend(cache, Math.Min(capacity, tokens.Length + ReadyTokenCount));
            computedCount = Reuse(cache, tokens, reusableCount, computedCount);
            return cache;
        }
        catch
        {
            Return(cache);
            throw;
        }
    }

    /// <summary>Adds reserved pages to a cache until it has pages for its first <paramref name="positionCount"/> positions.</summary>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public void Extend(KeyValueCache cache, int positionCount)
    {
        while (cache.PageCount * PageLength < positionCount)
        {
            KeyValuePage page = _pages.Take();
            _pages.Use(page);
            cache.Add(page);
            _pages.PromisedCount--;
        }
    }

    /// <summary>Reuses keys and values that other sequences have computed in the meantime.</summary>
    /// <param name="cache">A cache that was rented.</param>
    /// <param name="tokens">The sequence's known tokens.</param>
    /// <param name="reusableCount">How many of the tokens may be reused.</param>
    /// <param name="computedCount">The number of tokens in the cache.</param>
    /// <returns>The number of tokens in the cache afterwards.</returns>
    public int Reuse(KeyValueCache cache, ReadOnlySpan<int> tokens, int reusableCount, int computedCount)
    {
        int start = computedCount;
        while (cache.Sharing.IsShared && computedCount < reusableCount)
        {
            (int index, int count) = Math.DivRem(computedCount, PageLength);
            KeyValuePage? best = _tree.FindLonger(cache, index, tokens[(index * PageLength)..Math.Min(reusableCount, (index + 1) * PageLength)], ref count);
            if (best is null)
            {
                break;
            }

            computedCount = index * PageLength + count;
            if (count < PageLength || !TryShare(cache, index, best))
            {
                KeyValuePage own = cache.Pages[index];
                _pages.Clear(own);
                own.CopyFrom(best, count);
                own.Attach(_tree.ParentOf(cache, index));
                best.LastUse = _pages.Clock;
            }
        }

        _publicRemainders.Publish(cache, start, computedCount);
        return computedCount;
    }

    /// <summary>Records that the keys and values of a sequence's next tokens are computed.</summary>
    public void Publish(KeyValueCache cache, int position, ReadOnlySpan<int> tokens)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            Publish(cache, position + i, tokens[i]);
        }

        _publicRemainders.Publish(cache, position, position + tokens.Length);
    }

    /// <summary>Takes back a sequence's pages. If the sequence shares its keys and values, these are kept for other sequences.</summary>
    /// <param name="cache">A cache that was rented.</param>
    /// <param name="isSound">
    /// Whether other sequences may use the keys and values. If false, no sequence can find them any more, even those in pages that are shared with
    /// other sequences.
    /// </param>
    public void Return(KeyValueCache cache, bool isSound = true)
    {
        if (!isSound)
        {
            _publicRemainders.Detach(cache);
            foreach (KeyValuePage page in cache.Pages)
            {
                _tree.Detach(page);
            }
        }

        _pages.PromisedCount -= cache.MissingPageCount;
        GiveBack(cache);
    }

    public void Dispose() => _pages.Dispose();

    // Replaces a sequence's own page by an equal full page at the same place of the tree. Where the scope's own pages begin, the equal page may also
    // be a public one.
    private bool TryShare(KeyValueCache cache, int index, KeyValuePage page)
    {
        bool isPublic = index == cache.PublicPageCount && page.Parent == PrefixTree.NodeBefore(cache, index);
        if (!isPublic && page.Parent != _tree.ParentOf(cache, index))
        {
            return false;
        }

        Replace(cache, index, page);
        if (isPublic)
        {
            cache.PublicPageCount++;
            _tree.LeaveBranch(cache);
        }

        return true;
    }

    private void Publish(KeyValueCache cache, int position, int token)
    {
        (int index, int inPage) = Math.DivRem(position, PageLength);
        KeyValuePage page = cache.Pages[index];
        bool isShared = cache.Sharing.IsShared;
        if (inPage == 0)
        {
            _pages.Clear(page);
            if (isShared)
            {
                page.Attach(_tree.ParentOf(cache, index));
            }
        }

        page.Append(token);
        if (isShared && page.IsFull && PrefixTree.FindTwin(page) is { } twin)
        {
            Replace(cache, index, twin);
        }
    }

    private void Replace(KeyValueCache cache, int index, KeyValuePage page)
    {
        KeyValuePage own = cache.Pages[index];
        _pages.Use(page);
        cache.Pages[index] = page;
        _pages.Free(own);
    }

    private void GiveBack(KeyValueCache cache)
    {
        _pages.GiveBack(cache);
        _tree.Leave(cache);
    }
}
