using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>
/// A node without tokens, at which the pages of a scope begin: the root of the public pages of a set of adapters, or the beginning of a scope's
/// own pages after a public one.
/// </summary>
/// <param name="adapters">What the keys and values are computed with.</param>
/// <param name="parent">The public node before; null for a root.</param>
/// <param name="scope">Whose pages follow; meaningless for a root.</param>
internal sealed class PrefixBranch(AdapterSet adapters, PrefixNode? parent, string? scope) : PrefixNode
{
    public AdapterSet Adapters => adapters;

    public PrefixNode? Parent => parent;

    public string? Scope => scope;
}
