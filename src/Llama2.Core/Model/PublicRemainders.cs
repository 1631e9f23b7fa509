using Llama2.Kernels;

namespace Llama2.Model;

/// <summary>
/// Shares public tokens that fill no page. They stand at the beginning of a page that goes on with the scope's own tokens; others find a copy of
/// that page, with the public tokens alone, where there is memory to spare for it. Only the thread that computes uses it.
/// </summary>
/// <param name="tree">Where sequences find the copies.</param>
/// <param name="pages">The memory.</param>
internal sealed class PublicRemainders(PrefixTree tree, KeyValuePages pages)
{
    /// <summary>Makes or extends the copy, if a sequence now has more of these tokens than it.</summary>
    /// <param name="cache">The sequence's.</param>
    /// <param name="start">The first position that was computed or taken over.</param>
    /// <param name="end">The position after the last one.</param>
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

    /// <summary>Takes the copies of a sequence's public tokens out of the tree.</summary>
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

    // Such a copy is no sequence's own page, and has none of another text's tokens.
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
            // The sequence itself needs no copy; other scopes compute these tokens again.
        }

        return page is not null;
    }
}
