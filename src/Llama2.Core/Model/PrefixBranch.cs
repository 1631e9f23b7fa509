using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>
/// A node without tokens, at which the pages of a scope begin: the root of the public pages of a set of adapters, or the beginning of a scope's
/// own pages after a public one.
/// </summary>
/// <param name="adapters">The adapters with which the keys and values are computed.</param>
/// <param name="parent">The public node before this one; null for a root.</param>
/// <param name="scope">The scope whose pages follow; unused for a root.</param>
internal sealed class PrefixBranch(AdapterSet adapters, PrefixNode? parent, string? scope) : PrefixNode
{
    public AdapterSet Adapters => adapters;

    public PrefixNode? Parent => parent;

    public string? Scope => scope;
}
