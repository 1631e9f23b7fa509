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
    private readonly ModelConfiguration _configuration;
    private readonly Attention _attention;
    private readonly PrefixTree _tree = new();
    private readonly List<KeyValuePage> _pages = [];
    private readonly Stack<KeyValuePage> _free = new();
    private long _clock;
    private int _usedPageCount;
    private int _promisedPageCount;

    /// <param name="configuration">The model's shape.</param>
    /// <param name="attention">Knows the blocks.</param>
    /// <param name="byteCapacity">Bytes that all pages together may take.</param>
    public KeyValuePool(ModelConfiguration configuration, Attention attention, long byteCapacity)
    {
        _configuration = configuration;
        _attention = attention;
        PageByteSize = KeyValuePage.ByteSizeFor(configuration, attention);
        PageCapacity = (int)Math.Min(int.MaxValue, byteCapacity / PageByteSize);
    }

    /// <summary>Bytes of a page.</summary>
    public long PageByteSize { get; }

    /// <summary>Pages that there may be.</summary>
    public int PageCapacity { get; }

    /// <summary>Bytes of the pages that running sequences have; read from any thread.</summary>
    public long UsedByteSize => Volatile.Read(ref _usedPageCount) * PageByteSize;

    /// <summary>Nodes that scopes and adapters have in the tree of prefixes; for tests.</summary>
    public int BranchCount => _tree.BranchCount;

    // Pages that may be made, and those that no running sequence has; less what was promised to others.
    private long AvailablePageCount
        => Math.Min(PageCapacity - _pages.Count, MemoryBudget.AvailableBytes / PageByteSize) + _pages.Count - _usedPageCount - _promisedPageCount;

    /// <summary>Whether a sequence could have room if no other had.</summary>
    public bool HasRoomFor(int capacity) => KeyValueCache.PageCountFor(capacity) <= PageCapacity;

    /// <summary>There is no room for a sequence, and no other to wait for.</summary>
    public LlamaMemoryException Refused(int capacity)
    {
        long required = KeyValueCache.PageCountFor(capacity) * PageByteSize, available = Math.Min(PageCapacity * PageByteSize, MemoryBudget.AvailableBytes + _pages.Count * PageByteSize);
        return new LlamaMemoryException(
            Invariant($"There is no memory for the keys and values of {capacity:N0} tokens: {required / 1048576.0:N1} MiB are needed, {available / 1048576.0:N1} MiB are available. Set {nameof(GenerationOptions)}.{nameof(GenerationOptions.MaxTokens)}, a smaller {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.ContextLength)}, or a larger {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.KeyValueCacheByteSize)}."),
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
                Use(page);
                cache.Add(page);
            }
        }

        computedCount = cache.PageCount * PageLength;
        if (cache.MissingPageCount > AvailablePageCount)
        {
            GiveBack(cache);
            return null;
        }

        _promisedPageCount += cache.MissingPageCount;
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
            KeyValuePage page = Take();
            Use(page);
            cache.Add(page);
            _promisedPageCount--;
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
                Clear(own);
                own.CopyFrom(best, count);
                own.Attach(_tree.ParentOf(cache, index));
                best.LastUse = _clock;
            }
        }

        PublishRemainder(cache, start, computedCount);
        return computedCount;
    }

    /// <summary>Takes note that the keys and values of a sequence's next tokens are computed.</summary>
    public void Publish(KeyValueCache cache, int position, ReadOnlySpan<int> tokens)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            Publish(cache, position + i, tokens[i]);
        }

        PublishRemainder(cache, position, position + tokens.Length);
    }

    /// <summary>Takes a sequence's pages back; what was computed is remembered if it is shared.</summary>
    /// <param name="cache">A cache that was rented.</param>
    /// <param name="isSound">Whether the keys and values may be used by others; else no sequence finds them any more, those that began alike included.</param>
    public void Return(KeyValueCache cache, bool isSound = true)
    {
        if (!isSound)
        {
            DetachPublicRemainders(cache);
            foreach (KeyValuePage page in cache.Pages)
            {
                _tree.Detach(page);
            }
        }

        _promisedPageCount -= cache.MissingPageCount;
        GiveBack(cache);
    }

    public void Dispose()
    {
        foreach (KeyValuePage page in _pages)
        {
            page.Dispose();
        }
    }

    // Puts a whole page into the place of a sequence's own, if it is where that one stands, or is a public one where the scope's own begin.
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
            Clear(page);
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

    // Public tokens that fill no page stand at the beginning of one that goes on with the scope's own. Others find a copy of that page, with
    // these tokens alone, where there is memory to spare for it.
    private void PublishRemainder(KeyValueCache cache, int start, int end)
    {
        int index = cache.PublicPageCount, pageStart = index * PageLength, wanted = Math.Min(end, cache.PublicTokenCount) - pageStart, count = 0;
        if (start >= cache.PublicTokenCount || wanted <= 0)
        {
            return;
        }

        PrefixNode parent = PrefixTree.NodeBefore(cache, index);
        KeyValuePage own = cache.Pages[index];
        KeyValuePage? copy = PrefixTree.FindLonger(parent, own.Tokens[..wanted], ref count);
        if (count < wanted && (CanGrow(copy, count) || TryTakeSpare(out copy)))
        {
            copy!.CopyFrom(own, wanted);
            copy.LastUse = _clock;
            if (copy.Parent is null)
            {
                copy.Attach(parent);
            }
        }
    }

    // Such a copy is no sequence's own page, and has none of another text's tokens.
    private static bool CanGrow(KeyValuePage? copy, int count) => copy is { UserCount: 0 } && copy.TokenCount == count;

    private bool TryTakeSpare(out KeyValuePage? page)
    {
        page = null;
        try
        {
            page = AvailablePageCount > 0 ? Take() : null;
        }
        catch (LlamaMemoryException)
        {
            // The sequence itself needs no copy; other scopes compute these tokens again.
        }

        return page is not null;
    }

    private void DetachPublicRemainders(KeyValueCache cache)
    {
        int index = cache.PublicPageCount, count = 0;
        if (cache.Root is not null && index < cache.PageCount)
        {
            while (PrefixTree.FindLonger(PrefixTree.NodeBefore(cache, index), cache.Pages[index].Tokens, ref count) is { } page)
            {
                _tree.Detach(page);
                count = 0;
            }
        }
    }

    private void Replace(KeyValueCache cache, int index, KeyValuePage page)
    {
        KeyValuePage own = cache.Pages[index];
        Use(page);
        cache.Pages[index] = page;
        Clear(own);
        own.UserCount = 0;
        _usedPageCount--;
        _free.Push(own);
    }

    private void Clear(KeyValuePage page)
    {
        _tree.Detach(page);
        page.Clear();
    }

    private void Use(KeyValuePage page)
    {
        if (page.UserCount++ == 0)
        {
            _usedPageCount++;
        }
    }

    private void GiveBack(KeyValueCache cache)
    {
        _clock++;
        foreach (KeyValuePage page in cache.Pages)
        {
            page.LastUse = _clock;
            if (--page.UserCount == 0)
            {
                _usedPageCount--;
                if (!cache.Sharing.IsShared)
                {
                    page.Clear();
                }

                if (page.TokenCount == 0)
                {
                    _free.Push(page);
                }
            }
        }

        _tree.Leave(cache);
    }

    private KeyValuePage Take()
    {
        if (_free.TryPop(out KeyValuePage? free))
        {
            return free;
        }

        if (_pages.Count < PageCapacity && (_pages.Count == _usedPageCount || MemoryBudget.AvailableBytes >= PageByteSize))
        {
            var page = new KeyValuePage(_configuration, _attention);
            _pages.Add(page);
            return page;
        }

        // One there is: no more pages were promised than there may be.
        KeyValuePage oldest = FindLeastRecentlyUsed()!;
        Clear(oldest);
        return oldest;
    }

    private KeyValuePage? FindLeastRecentlyUsed()
    {
        KeyValuePage? oldest = null;
        foreach (KeyValuePage page in _pages)
        {
            if (page is { UserCount: 0, IsLeaf: true } && (oldest is null || page.LastUse < oldest.LastUse))
            {
                oldest = page;
            }
        }

        return oldest;
    }
}
