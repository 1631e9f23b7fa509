using Llama2.Tensors;

namespace Llama2.Model;

/// <summary>
/// A node without tokens, at which pages begin. It is either a root or a branch. A root belongs to a set of adapters, and public pages follow it. A
/// branch comes after a root or a public page, and a scope's own pages follow it.
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
