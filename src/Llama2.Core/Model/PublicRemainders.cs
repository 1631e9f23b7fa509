using Llama2.Kernels;

namespace Llama2.Model;

/// <summary>
/// Shares the last tokens of a public prefix if they do not fill a page. In the sequence's cache, these tokens are at the beginning of a page that continues
/// with the scope's own tokens. Other scopes find a copy of that page that holds the public tokens only, if there was spare memory for the copy. Used
/// by the computing thread only.
/// </summary>
/// <param name="tree">The tree in which sequences find the copies.</param>
/// <param name="pages">Allocates the pages of the copies.</param>
internal sealed class PublicRemainders(PrefixTree tree, KeyValuePages pages)
{
    /// <summary>Creates or extends the copy if a sequence now has more of these public tokens than the copy holds.</summary>
    /// <param name="cache">The sequence's cache.</param>
    /// <param name="start">The first position that was computed or reused.</param>
    /// <param name="end">The position after the last one that was computed or reused.</param>
    public void Publish(KeyValueCache cache, int start, int end)
    {
        int index = cache.PublicPageCount, pageStart = index * Attention.BlockLength, wanted = Math.Min(end, cache.PublicTokenCount) - pageStart, count = 0;
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
            copy.LastUse = pages.Clock;
            if (copy.Parent is null)
            {
                copy.Attach(parent);
            }
        }
    }

    /// <summary>Removes the copies of a sequence's public tokens from the tree.</summary>
    public void Detach(KeyValueCache cache)
    {
        int index = cache.PublicPageCount, count = 0;
        if (cache.Root is not null && index < cache.PageCount)
        {
            while (PrefixTree.FindLonger(PrefixTree.NodeBefore(cache, index), cache.Pages[index].Tokens, ref count) is { } page)
            {
                tree.Detach(page);
                count = 0;
            }
        }
    }

    // A copy can be extended if no sequence uses it as its own page, and it holds no tokens of another text.
    private static bool CanGrow(KeyValuePage? copy, int count) => copy is { UserCount: 0 } && copy.TokenCount == count;

    private bool TryTakeSpare(out KeyValuePage? page)
    {
        page = null;
        try
        {
            page = pages.AvailableCount > 0 ? pages.Take() : null;
        }
        catch (LlamaMemoryException)
        {
            // A lack of memory does no harm: the sequence itself needs no copy, and other scopes compute these tokens again.
        }

        return page is not null;
    }
}
