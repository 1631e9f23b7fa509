using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>
/// The keys and values of one sequence. They are in pages, one for each block of positions; some pages are shared with other sequences. Used by one
/// forward pass at a time.
/// </summary>
internal sealed class KeyValueCache(int pageCapacity, Attention attention)
{
    private readonly KeyValuePage[] _pages = new KeyValuePage[pageCapacity];

    /// <summary>The adapters with which the keys and values are computed.</summary>
    public AdapterSet Adapters { get; init; } = AdapterSet.None;

    /// <summary>The sequences with which the keys and values are shared.</summary>
    public PrefixSharing Sharing { get; init; } = PrefixSharing.Default;

    /// <summary>
    /// The parent of the first page if that page is public: the root of the prefixes with these adapters. Null if no keys and values are shared.
    /// </summary>
    public PrefixBranch? Root { get; set; }

    /// <summary>The parent of the first page that is not public; null until that page is needed.</summary>
    public PrefixBranch? Branch { get; set; }

    /// <summary>The number of pages at the beginning of the cache that are or will be public, that is, visible to all sequences.</summary>
    public int PublicPageCount { get; set; }

    /// <summary>
    /// The number of tokens that this sequence makes public; 0 if the sequence reuses tokens that its scope has already computed as private tokens.
    /// </summary>
    public int PublicTokenCount { get; set; }

    /// <summary>The number of positions that there is room for.</summary>
    public int Capacity => PageCount * Attention.BlockLength;

    /// <summary>The number of pages that the cache has.</summary>
    public int PageCount { get; private set; }

    /// <summary>The number of pages that may still be added.</summary>
    public int MissingPageCount => _pages.Length - PageCount;

    /// <summary>The pages of the cache, in the order of their positions.</summary>
    public Span<KeyValuePage> Pages => _pages.AsSpan(0, PageCount);

    /// <summary>The number of pages for <paramref name="capacity"/> positions.</summary>
    public static int PageCountFor(int capacity) => (capacity + Attention.BlockLength - 1) / Attention.BlockLength;

    /// <summary>The size of <paramref name="capacity"/> positions, in bytes.</summary>
    public static long ByteSizeFor(ModelConfiguration configuration, Attention attention, int capacity)
        => PageCountFor(capacity) * KeyValuePage.ByteSizeFor(configuration, attention);

    /// <summary>Adds the next page.</summary>
    public void Add(KeyValuePage page) => _pages[PageCount++] = page;

    /// <summary>Stores the keys and values of one position; each span holds all heads.</summary>
    public void Store(int layer, int position, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        int length = attention.HeadLength;
        KeyValuePage page = _pages[position / Attention.BlockLength];
        for (int head = 0, start = 0; start < keys.Length; head++, start += length)
        {
            attention.StoreKey(keys.Slice(start, length), position, page.Keys(layer, head));
            attention.StoreValue(values.Slice(start, length), position, page.Values(layer, head));
        }
    }

    /// <summary>The keys of a head at the positions of a block.</summary>
    public ReadOnlySpan<byte> Keys(int layer, int head, int block) => _pages[block].Keys(layer, head);

    /// <summary>The values of a head at the positions of a block.</summary>
    public ReadOnlySpan<byte> Values(int layer, int head, int block) => _pages[block].Values(layer, head);
}
