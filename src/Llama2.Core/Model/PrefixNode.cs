namespace Llama2.Model;

/// <summary>A node of the tree of known prefixes (<see cref="PrefixTree"/>). Only the thread that computes uses it.</summary>
internal abstract class PrefixNode
{
    /// <summary>The first of the pages that may follow.</summary>
    public KeyValuePage? FirstChild { get; set; }

    /// <summary>Scopes whose own pages may follow, each in a <see cref="PrefixBranch"/>.</summary>
    public int BranchCount { get; set; }

    /// <summary>Running sequences that have the node on their path.</summary>
    public int UserCount { get; set; }

    /// <summary>Whether nothing follows.</summary>
    public bool IsLeaf => FirstChild is null && BranchCount == 0;
}
