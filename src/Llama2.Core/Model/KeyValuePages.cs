using Llama2.Kernels;
using Llama2.Memory;

namespace Llama2.Model;

/// <summary>
/// The memory of <see cref="KeyValuePool"/>. Allocates pages as long as their limit and the machine's memory allow, and then reuses the least
/// recently used page that no running sequence has. Used by the computing thread only.
/// </summary>
internal sealed class KeyValuePages : IDisposable
{
    private readonly ModelConfiguration _configuration;
    private readonly Attention _attention;
    private readonly PrefixTree _tree;
    private readonly List<KeyValuePage> _pages = [];
    private readonly Stack<KeyValuePage> _free = new();
    private int _usedCount;

    /// <param name="configuration">The model's shape.</param>
    /// <param name="attention">Defines the layout of the blocks.</param>
    /// <param name="tree">Finds pages by the prefixes that they hold.</param>
    /// <param name="byteCapacity">The maximum size of all pages together, in bytes.</param>
    public KeyValuePages(ModelConfiguration configuration, Attention attention, PrefixTree tree, long byteCapacity)
    {
        _configuration = configuration;
        _attention = attention;
        _tree = tree;
        PageByteSize = KeyValuePage.ByteSizeFor(configuration, attention);
        Capacity = (int)Math.Min(int.MaxValue, byteCapacity / PageByteSize);
    }

    /// <summary>The size of a page in bytes.</summary>
    public long PageByteSize { get; }

    /// <summary>The maximum number of pages.</summary>
    public int Capacity { get; }

    /// <summary>The number of pages that running sequences have. May be read from any thread.</summary>
    public int UsedCount => Volatile.Read(ref _usedCount);

    /// <summary>The number of pages that are reserved for running sequences and not taken yet.</summary>
    public int PromisedCount { get; set; }

    /// <summary>The number of pages that may still be allocated, plus those that no running sequence has, minus those that are reserved.</summary>
    public long AvailableCount
        => Math.Min(Capacity - _pages.Count, MemoryBudget.AvailableBytes / PageByteSize) + _pages.Count - _usedCount - PromisedCount;

    /// <summary>The size that all pages together could have now if no sequence were running, in bytes.</summary>
    public long AttainableByteSize => Math.Min(Capacity * PageByteSize, MemoryBudget.AvailableBytes + _pages.Count * PageByteSize);

    /// <summary>Counts how often pages were returned; the unit of <see cref="KeyValuePage.LastUse"/>.</summary>
    public long Clock { get; private set; }

    /// <summary>Returns a page that is not in use and not in the tree. The caller has made sure that a page is available.</summary>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public KeyValuePage Take()
    {
        if (_free.TryPop(out KeyValuePage? free))
        {
            return free;
        }

        if (_pages.Count < Capacity && (_pages.Count == _usedCount || MemoryBudget.AvailableBytes >= PageByteSize))
        {
            var page = new KeyValuePage(_configuration, _attention);
            _pages.Add(page);
            return page;
        }

        // There is a page that no sequence has, because no more pages are reserved than the limit allows.
        KeyValuePage oldest = FindLeastRecentlyUsed()!;
        Clear(oldest);
        return oldest;
    }

    /// <summary>Records that one more running sequence has a page.</summary>
    public void Use(KeyValuePage page)
    {
        if (page.UserCount++ == 0)
        {
            _usedCount++;
        }
    }

    /// <summary>Removes the tokens of a page.</summary>
    public void Clear(KeyValuePage page)
    {
        _tree.Detach(page);
        page.Clear();
    }

    /// <summary>Takes back a page that only one running sequence had, and removes its tokens.</summary>
    public void Free(KeyValuePage page)
    {
        Clear(page);
        page.UserCount = 0;
        _usedCount--;
        _free.Push(page);
    }

    /// <summary>Takes back a sequence's pages; those that other sequences may find keep their tokens.</summary>
    public void GiveBack(KeyValueCache cache)
    {
        Clock++;
        foreach (KeyValuePage page in cache.Pages)
        {
            page.LastUse = Clock;
            if (--page.UserCount == 0)
            {
                _usedCount--;
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
    }

    public void Dispose()
    {
        foreach (KeyValuePage page in _pages)
        {
            page.Dispose();
        }
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
