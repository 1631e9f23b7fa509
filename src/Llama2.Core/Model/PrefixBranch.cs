using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>
/// A node without tokens, at which pages begin. It is either the root of a set of adapters, which public pages follow, or a branch at which a scope's
/// own pages begin, after a public page or a root.
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
