namespace Llama2.Model;

/// <summary>A node of the tree of known prefixes (<see cref="PrefixTree"/>). Used by the computing thread only.</summary>
internal abstract class PrefixNode
{
    /// <summary>The first of the pages that may follow.</summary>
    public KeyValuePage? FirstChild { get; set; }

    /// <summary>
    /// The number of nodes of the type <see cref="PrefixBranch"/> that follow this node; each of them leads to the pages of one scope.
    /// </summary>
    public int BranchCount { get; set; }

    /// <summary>The number of running sequences whose path contains the node.</summary>
    public int UserCount { get; set; }

    /// <summary>Whether no node follows.</summary>
    public bool IsLeaf => FirstChild is null && BranchCount == 0;
}
