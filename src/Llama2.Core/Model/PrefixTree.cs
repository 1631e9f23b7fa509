using Llama2.Kernels;
using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>
/// The prefixes whose keys and values are computed, as a tree of pages. Each set of adapters has a root. The root is followed by public pages, whose
/// tokens every scope may reuse. A scope's own pages begin at a branch of the root or of a public page, and only sequences of that scope search them.
/// Roots and branches are looked up by adapters and scope, and removed when nothing follows them any more. Used by the computing thread only.
/// </summary>
internal sealed class PrefixTree
{
    private const int PageLength = Attention.BlockLength;
    private readonly Dictionary<AdapterSet, PrefixBranch> _roots = [];
    private readonly Dictionary<(PrefixNode Parent, string? Scope), PrefixBranch> _branches = [];

    /// <summary>The number of roots and branches.</summary>
    public int BranchCount => _roots.Count + _branches.Count;

    /// <summary>
    /// Begins a sequence's path with the longest known path of whole pages that matches the sequence's tokens: public pages, then pages of the
    /// sequence's scope. Of paths of the same length, the one with the most public pages is taken.
    /// </summary>
    /// <param name="cache">The sequence's cache, which has no pages yet. <see cref="Leave"/> ends its path.</param>
    /// <param name="tokens">The tokens that may be reused.</param>
    /// <returns>The pages of the path, to be added to the cache.</returns>
    public IReadOnlyList<KeyValuePage> Enter(KeyValueCache cache, ReadOnlySpan<int> tokens)
    {
        PrefixNode node = cache.Root = UseRoot(cache.Adapters);
        (int publicCount, int count) = MeasureLongestPath(cache, tokens);
        int markedCount = cache.Sharing.PublicTokenCount / PageLength;
        // The scope's own pages may already hold some of the tokens that this sequence marks as public, while these tokens are not public yet. In that
        // case the sequence reuses these pages, and makes no tokens public.
        bool isMarkIgnored = publicCount < Math.Min(count, markedCount);
        cache.PublicTokenCount = isMarkIgnored ? 0 : cache.Sharing.PublicTokenCount;
        cache.PublicPageCount = isMarkIgnored ? publicCount : Math.Max(publicCount, markedCount);
        var pages = new KeyValuePage[count];
        for (int index = 0; index < count; index++)
        {
            PrefixNode parent = index == publicCount ? FindBranch(node, cache.Sharing.Scope)! : node;
            node = pages[index] = FindWhole(parent, tokens[(index * PageLength)..])!;
        }

        return pages;
    }

    /// <summary>Ends a sequence's path.</summary>
    public void Leave(KeyValueCache cache)
    {
        LeaveBranch(cache);
        if (cache.Root is { } root)
        {
            Release(root);
            cache.Root = null;
        }
    }

    /// <summary>Ends the part of a sequence's path that is in its scope's own branch.</summary>
    public void LeaveBranch(KeyValueCache cache)
    {
        if (cache.Branch is { } branch)
        {
            Release(branch);
            cache.Branch = null;
        }
    }

    /// <summary>Finds the node that is or will be the parent of a sequence's page in the tree.</summary>
    public PrefixNode ParentOf(KeyValueCache cache, int index)
    {
        PrefixNode before = NodeBefore(cache, index);
        return index == cache.PublicPageCount ? cache.Branch ??= UseBranch(cache, before) : before;
    }

    /// <summary>The page before a sequence's page; for the first page, the root.</summary>
    public static PrefixNode NodeBefore(KeyValueCache cache, int index) => index == 0 ? cache.Root! : cache.Pages[index - 1];

    /// <summary>
    /// Searches the pages that are visible to a sequence at a given place of its path. Finds the page that has the most tokens in common with the beginning of
    /// the given tokens. Returns null if no page has more than <paramref name="count"/> of them in common. If a public page and a page of the scope have
    /// equally many tokens in common, the returned page is of the same kind as the sequence's own page at this place.
    /// </summary>
    /// <param name="cache">The sequence's cache.</param>
    /// <param name="index">The index of the page on the path.</param>
    /// <param name="tokens">The tokens with which a page's tokens are compared.</param>
    /// <param name="count">
    /// The number that must be exceeded; if a page is found, it is set to the number of tokens that the page has in common with the given tokens.
    /// </param>
    public KeyValuePage? FindLonger(KeyValueCache cache, int index, ReadOnlySpan<int> tokens, ref int count)
    {
        PrefixNode before = NodeBefore(cache, index);
        if (index > cache.PublicPageCount)
        {
            return FindLonger(before, tokens, ref count);
        }

        PrefixNode? branch = FindBranch(before, cache.Sharing.Scope);
        (PrefixNode? near, PrefixNode? far) = index < cache.PublicPageCount ? (before, branch) : (branch, before);
        KeyValuePage? best = FindLonger(near, tokens, ref count);
        return FindLonger(far, tokens, ref count) ?? best;
    }

    /// <summary>
    /// Searches the pages after a node. Finds the page that has the most tokens in common with the beginning of the given tokens. Returns null if no
    /// page has more than <paramref name="count"/> of them in common.
    /// </summary>
    /// <param name="parent">The node; if it is null, no page is found.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="count">
    /// The number that must be exceeded; if a page is found, it is set to the number of tokens that the page has in common with the given tokens.
    /// </param>
    public static KeyValuePage? FindLonger(PrefixNode? parent, ReadOnlySpan<int> tokens, ref int count)
    {
        KeyValuePage? best = null;
        for (KeyValuePage? page = parent?.FirstChild; page is not null; page = page.NextSibling)
        {
            int length = page.Tokens.CommonPrefixLength(tokens);
            if (length > count)
            {
                (best, count) = (page, length);
            }
        }

        return best;
    }

    /// <summary>
    /// Finds another full page with the same tokens at the same place of the tree. Such a page can exist because two sequences may compute the same
    /// page at the same time.
    /// </summary>
    public static KeyValuePage? FindTwin(KeyValuePage page)
    {
        KeyValuePage? twin = page.Parent?.FirstChild;
        while (twin is not null && !(twin != page && twin.IsFull && twin.Tokens.SequenceEqual(page.Tokens)))
        {
            twin = twin.NextSibling;
        }

        return twin;
    }

    /// <summary>If a page is in the tree, removes it and all pages that follow it.</summary>
    public void Detach(KeyValuePage page)
    {
        PrefixNode? parent = page.Parent;
        page.Detach();
        ForgetUnused(parent);
    }

    private (int PublicCount, int Count) MeasureLongestPath(KeyValueCache cache, ReadOnlySpan<int> tokens)
    {
        int publicCount = 0, count = 0, depth = 0;
        for (PrefixNode? node = cache.Root; node is not null; depth++)
        {
            int length = depth + CountWholePages(FindBranch(node, cache.Sharing.Scope), tokens[(depth * PageLength)..]);
            if (length >= count)
            {
                (publicCount, count) = (depth, length);
            }

            node = FindWhole(node, tokens[(depth * PageLength)..]);
        }

        return (publicCount, count);
    }

    private static int CountWholePages(PrefixNode? node, ReadOnlySpan<int> tokens)
    {
        int count = 0;
        while (node is not null && FindWhole(node, tokens[(count * PageLength)..]) is { } page)
        {
            node = page;
            count++;
        }

        return count;
    }

    private static KeyValuePage? FindWhole(PrefixNode parent, ReadOnlySpan<int> tokens)
    {
        if (tokens.Length < PageLength)
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

    private PrefixBranch UseRoot(AdapterSet adapters)
    {
        if (!_roots.TryGetValue(adapters, out PrefixBranch? root))
        {
            _roots.Add(adapters, root = new PrefixBranch(adapters, parent: null, scope: null));
        }

        root.UserCount++;
        return root;
    }

    private PrefixBranch UseBranch(KeyValueCache cache, PrefixNode parent)
    {
        string? scope = cache.Sharing.Scope;
        if (!_branches.TryGetValue((parent, scope), out PrefixBranch? branch))
        {
            _branches.Add((parent, scope), branch = new PrefixBranch(cache.Adapters, parent, scope));
            parent.BranchCount++;
        }

        branch.UserCount++;
        return branch;
    }

    private PrefixBranch? FindBranch(PrefixNode parent, string? scope) => _branches.TryGetValue((parent, scope), out PrefixBranch? branch) ? branch : null;

    private void Release(PrefixBranch branch)
    {
        branch.UserCount--;
        ForgetUnused(branch);
    }

    private void ForgetUnused(PrefixNode? node)
    {
        while (node is PrefixBranch { UserCount: 0, IsLeaf: true } branch)
        {
            node = branch.Parent;
            if (node is null)
            {
                _roots.Remove(branch.Adapters);
            }
            else
            {
                _branches.Remove((node, branch.Scope));
                node.BranchCount--;
            }
        }
    }
}
