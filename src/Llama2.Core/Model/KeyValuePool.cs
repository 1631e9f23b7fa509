using Llama2.Kernels;
using Llama2.Memory;
using Llama2.Tensors;
using static System.FormattableString;

namespace Llama2.Model;

/// <summary>
/// Gives sequences their pages of keys and values, out of a fixed number of bytes, and remembers what was computed: the pages form a tree of
/// prefixes, so that a sequence which begins as another did takes over what that one has (Kwon et al. 2023, "PagedAttention"; Zheng et al.
/// 2024, "RadixAttention"). Whole pages are shared; of one that only begins alike a copy is made. Pages that no running sequence has are
/// kept until their memory is needed, least recently used ones given up first. Only the thread that computes uses it.
/// </summary>
internal sealed class KeyValuePool : IDisposable
{
    private const int PageLength = Attention.BlockLength;
    // Tokens to be generated whose pages a sequence has from its start.
    private const int ReadyTokenCount = 4096;
    private readonly ModelConfiguration _configuration;
    private readonly Attention _attention;
    private readonly Dictionary<AdapterSet, KeyValuePage> _roots = [];
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
    /// <returns>Null if there is no room as long as the running sequences have theirs.</returns>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public KeyValueCache? TryRent(ReadOnlySpan<int> tokens, int reusableCount, int capacity, out int computedCount, AdapterSet? adapters = null)
    {
        adapters ??= AdapterSet.None;
        KeyValuePage root = FindRoot(adapters), parent = root;
        var cache = new KeyValueCache(KeyValueCache.PageCountFor(capacity), _attention) { Adapters = adapters, Root = root };
        while (FindFull(parent, tokens[(cache.PageCount * PageLength)..], reusableCount - cache.PageCount * PageLength) is { } page)
        {
            Use(page);
            cache.Add(page);
            parent = page;
        }

        computedCount = cache.PageCount * PageLength;
        // Pages that may be made, and those that no running sequence has; less what was promised to others.
        long available = Math.Min(PageCapacity - _pages.Count, MemoryBudget.AvailableBytes / PageByteSize) + _pages.Count - _usedPageCount - _promisedPageCount;
        if (cache.MissingPageCount > available)
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
        while (computedCount < reusableCount)
        {
            (int index, int inPage) = Math.DivRem(computedCount, PageLength);
            KeyValuePage parent = index == 0 ? cache.Root! : cache.Pages[index - 1], own = cache.Pages[index];
            ReadOnlySpan<int> wanted = tokens[(index * PageLength)..Math.Min(reusableCount, (index + 1) * PageLength)];
            KeyValuePage? best = FindLongest(parent, own, wanted, out int count);
            if (best is null || count <= inPage)
            {
                break;
            }

            computedCount = index * PageLength + count;
            if (count == PageLength)
            {
                Replace(cache, index, best);
            }
            else
            {
                KeyValuePage fresh = Detached(own);
                fresh.CopyFrom(best, count);
                fresh.Attach(parent);
                break;
            }
        }

        return computedCount;
    }

    /// <summary>Takes note that the keys and values of a sequence's next token are computed.</summary>
    public void Publish(KeyValueCache cache, int position, int token)
    {
        (int index, int inPage) = Math.DivRem(position, PageLength);
        KeyValuePage page = cache.Pages[index], parent = index == 0 ? cache.Root! : cache.Pages[index - 1];
        if (inPage == 0)
        {
            Detached(page).Attach(parent);
        }

        page.Append(token);
        if (page.IsFull && FindTwin(page) is { } twin)
        {
            Replace(cache, index, twin);
        }
    }

    /// <summary>Takes a sequence's pages back; what was computed is remembered.</summary>
    /// <param name="cache">A cache that was rented.</param>
    /// <param name="isSound">Whether the keys and values may be used by others; else no sequence finds them any more, those that began alike included.</param>
    public void Return(KeyValueCache cache, bool isSound = true)
    {
        if (!isSound)
        {
            foreach (KeyValuePage page in cache.Pages)
            {
                page.Detach();
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

        foreach (KeyValuePage root in _roots.Values)
        {
            root.Dispose();
        }
    }

    // The roots under which nothing is known, and nobody computes, are forgotten when another is made.
    private KeyValuePage FindRoot(AdapterSet adapters)
    {
        if (!_roots.TryGetValue(adapters, out KeyValuePage? root))
        {
            foreach ((AdapterSet unused, KeyValuePage empty) in _roots.Where(pair => pair.Value is { FirstChild: null, UserCount: 0 }).ToArray())
            {
                _roots.Remove(unused);
                empty.Dispose();
            }

            _roots.Add(adapters, root = new KeyValuePage());
        }

        root.UserCount++;
        return root;
    }

    private static KeyValuePage? FindFull(KeyValuePage parent, ReadOnlySpan<int> tokens, int reusableCount)
    {
        if (reusableCount < PageLength)
        {
            return null;
        }

        KeyValuePage? page = parent.FirstChild;
        while (page is not null && !(page.IsFull && page.Tokens.SequenceEqual(tokens[..PageLength])))
        {
            page = page.NextSibling;
        }

        return page;
    }

    private static KeyValuePage? FindLongest(KeyValuePage parent, KeyValuePage own, ReadOnlySpan<int> tokens, out int count)
    {
        KeyValuePage? best = null;
        count = 0;
        for (KeyValuePage? page = parent.FirstChild; page is not null; page = page.NextSibling)
        {
            int length = page == own ? 0 : page.Tokens.CommonPrefixLength(tokens);
            if (length > count)
            {
                (best, count) = (page, length);
            }
        }

        return best;
    }

    // Two sequences may have computed the same page at the same time: one is enough.
    private static KeyValuePage? FindTwin(KeyValuePage page)
    {
        KeyValuePage? twin = page.Parent!.FirstChild;
        while (twin is not null && !(twin != page && twin.IsFull && twin.Tokens.SequenceEqual(page.Tokens)))
        {
            twin = twin.NextSibling;
        }

        return twin;
    }

    private static KeyValuePage Detached(KeyValuePage page)
    {
        page.Clear();
        return page;
    }

    private void Replace(KeyValueCache cache, int index, KeyValuePage page)
    {
        KeyValuePage own = cache.Pages[index];
        Use(page);
        cache.Pages[index] = page;
        own.Clear();
        own.UserCount = 0;
        _usedPageCount--;
        _free.Push(own);
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
        cache.Root!.UserCount--;
        foreach (KeyValuePage page in cache.Pages)
        {
            page.LastUse = _clock;
            if (--page.UserCount == 0)
            {
                _usedPageCount--;
                if (page.TokenCount == 0)
                {
                    _free.Push(page);
                }
            }
        }
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
        KeyValuePage oldest = _pages.Where(page => page is { UserCount: 0, FirstChild: null }).MinBy(page => page.LastUse)!;
        oldest.Clear();
        return oldest;
    }
}
