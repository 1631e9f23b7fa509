using Llama2.Kernels;
using Llama2.Memory;

namespace Llama2.Model;

/// <summary>
/// The memory of <see cref="KeyValuePool"/>: makes pages as long as their number and the machine allow, and then gives up the least recently
/// used of those that no running sequence has. Only the thread that computes uses it.
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
    /// <param name="attention">Knows the blocks.</param>
    /// <param name="tree">Remembers what is in the pages.</param>
    /// <param name="byteCapacity">Bytes that all pages together may take.</param>
    public KeyValuePages(ModelConfiguration configuration, Attention attention, PrefixTree tree, long byteCapacity)
    {
        _configuration = configuration;
        _attention = attention;
        _tree = tree;
        PageByteSize = KeyValuePage.ByteSizeFor(configuration, attention);
        Capacity = (int)Math.Min(int.MaxValue, byteCapacity / PageByteSize);
    }

    /// <summary>Bytes of a page.</summary>
    public long PageByteSize { get; }

    /// <summary>Pages that there may be.</summary>
    public int Capacity { get; }

    /// <summary>Pages that running sequences have; read from any thread.</summary>
    public int UsedCount => Volatile.Read(ref _usedCount);

    /// <summary>Pages that were promised to running sequences, and that these have not taken.</summary>
    public int PromisedCount { get; set; }

    /// <summary>Pages that may be made, and those that no running sequence has; less what was promised to others.</summary>
    public long AvailableCount
        => Math.Min(Capacity - _pages.Count, MemoryBudget.AvailableBytes / PageByteSize) + _pages.Count - _usedCount - PromisedCount;

    /// <summary>Bytes that all pages together could take now if no sequence were running.</summary>
    public long AttainableByteSize => Math.Min(Capacity * PageByteSize, MemoryBudget.AvailableBytes + _pages.Count * PageByteSize);

    /// <summary>Counts the times that pages were given back; the unit of <see cref="KeyValuePage.LastUse"/>.</summary>
    public long Clock { get; private set; }

    /// <summary>Gives a page that nobody uses and that is not in the tree; the caller knows that there is one.</summary>
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

        // One there is: no more pages were promised than there may be.
        KeyValuePage oldest = FindLeastRecentlyUsed()!;
        Clear(oldest);
        return oldest;
    }

    /// <summary>Takes note that one more running sequence has a page.</summary>
    public void Use(KeyValuePage page)
    {
        if (page.UserCount++ == 0)
        {
            _usedCount++;
        }
    }

    /// <summary>Forgets what is in a page.</summary>
    public void Clear(KeyValuePage page)
    {
        _tree.Detach(page);
        page.Clear();
    }

    /// <summary>Takes back a page that one running sequence had, and forgets what is in it.</summary>
    public void Free(KeyValuePage page)
    {
        Clear(page);
        page.UserCount = 0;
        _usedCount--;
        _free.Push(page);
    }

    /// <summary>Takes a sequence's pages back, and keeps those that other sequences may find.</summary>
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
