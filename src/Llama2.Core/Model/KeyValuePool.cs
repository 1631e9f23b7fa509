using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Tensors;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// Gives sequences their pages of keys and values, out of a fixed number of bytes, and remembers what was computed: the pages form a tree of
/// prefixes, so that a sequence which begins as another did takes over what that one has (Kwon et al. 2023, "PagedAttention"; Zheng et al.
/// 2024, "RadixAttention"), as far as <see cref="PrefixSharing"/> lets it see that. Whole pages are shared; of one that only begins alike a
/// copy is made. Pages that no running sequence has are kept until their memory is needed, least recently used ones given up first. Only the
/// thread that computes uses it.
/// </summary>
internal sealed class KeyValuePool : IDisposable
{
    private const int PageLength = Attention.BlockLength;
    // Tokens to be generated whose pages a sequence has from its start.
    private const int ReadyTokenCount = 4096;
    private readonly Attention _attention;
    private readonly PrefixTree _tree = new();
    private readonly KeyValuePages _pages;
    private readonly PublicRemainders _publicRemainders;

    /// <param name="configuration">The model's shape.</param>
    /// <param name="attention">Knows the blocks.</param>
    /// <param name="byteCapacity">Bytes that all pages together may take.</param>
    public KeyValuePool(ModelConfiguration configuration, Attention attention, long byteCapacity)
    {
        _attention = attention;
        _pages = new KeyValuePages(configuration, attention, _tree, byteCapacity);
        _publicRemainders = new PublicRemainders(_tree, _pages);
    }

    /// <summary>Bytes of a page.</summary>
    public long PageByteSize => _pages.PageByteSize;

    /// <summary>Pages that there may be.</summary>
    public int PageCapacity => _pages.Capacity;

    /// <summary>Bytes of the pages that running sequences have; read from any thread.</summary>
    public long UsedByteSize => _pages.UsedCount * PageByteSize;

    /// <summary>Nodes that scopes and adapters have in the tree of prefixes; for tests.</summary>
    public int BranchCount => _tree.BranchCount;

    /// <summary>Whether a sequence could have room if no other had.</summary>
    public bool HasRoomFor(int capacity) => KeyValueCache.PageCountFor(capacity) <= PageCapacity;

    /// <summary>There is no room for a sequence, and no other to wait for.</summary>
    public LlamaMemoryException Refused(int capacity)
    {
        long required = KeyValueCache.PageCountFor(capacity) * PageByteSize, available = _pages.AttainableByteSize;
        return new LlamaMemoryException(
            Invariant($"There is not enough memory for the keys and values of {capacity:N0} tokens: {ByteSizeText.Needed(required)} are needed, {ByteSizeText.Available(available)} are available. Allow fewer new tokens ({nameof(GenerationOptions)}.{nameof(GenerationOptions.MaxTokens)}, --max-tokens), a shorter context ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ContextLength)}, --context), or more memory for them ({nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.KeyValueCacheByteSize)})."),
            required,
            available);
    }

    /// <summary>Makes room for a sequence.</summary>
    /// <param name="tokens">Its known tokens.</param>
    /// <param name="reusableCount">How many of them, from the first on, need not be computed if they were before.</param>
    /// <param name="capacity">Positions that it may come to.</param>
    /// <param name="computedCount">The tokens whose keys and values the cache holds already.</param>
    /// <param name="adapters">What it runs with, null for none: keys and values that other adapters made are other ones.</param>
    /// <param name="sharing">With whom it shares; null is <see cref="PrefixSharing.Default"/>.</param>
    /// <returns>Null if there is no room as long as the running sequences have theirs.</returns>
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
            // Beyond that an allocation now and then, in the midst of generating, does not count.
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

    /// <summary>Gives a cache the pages of its first positions, out of those that it was promised.</summary>
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

    /// <summary>Takes over what other sequences have computed meanwhile.</summary>
    /// <param name="cache">A cache that was rented.</param>
    /// <param name="tokens">Its known tokens.</param>
    /// <param name="reusableCount">How many of them need not be computed.</param>
    /// <param name="computedCount">Tokens that are in the cache.</param>
    /// <returns>Tokens that are in the cache now.</returns>
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

    /// <summary>Takes note that the keys and values of a sequence's next tokens are computed.</summary>
    public void Publish(KeyValueCache cache, int position, ReadOnlySpan<int> tokens)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            Publish(cache, position + i, tokens[i]);
        }

        _publicRemainders.Publish(cache, position, position + tokens.Length);
    }

    /// <summary>Takes a sequence's pages back; what was computed is remembered if it is shared.</summary>
    /// <param name="cache">A cache that was rented.</param>
    /// <param name="isSound">Whether the keys and values may be used by others; else no sequence finds them any more, those that began alike included.</param>
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

    // Replaces a sequence's own page by an equal complete one at the same place, or by a public one where the scope's own pages begin.
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
