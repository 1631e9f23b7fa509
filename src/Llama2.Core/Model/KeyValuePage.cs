using Llama2.Kernels;
using Llama2.Memory;

namespace Llama2.Model;

/// <summary>
/// The keys and values of <see cref="Attention.BlockLength"/> consecutive positions, for every layer and head, in the blocks that
/// <see cref="Attention"/> reads. A page is the unit in which memory for keys and values is allocated and shared. A page is also a node of the tree of known
/// prefixes (<see cref="PrefixTree"/>). As a node, it represents its own tokens, which follow the tokens of all its ancestors. Used by the computing thread
/// only.
/// </summary>
internal sealed class KeyValuePage : PrefixNode, IDisposable
{
    private readonly int _headCount;
    private readonly int _keyByteSize;
    private readonly int _valueByteSize;
    private readonly AlignedBuffer<byte> _numbers;
    private readonly int[] _tokens = new int[Attention.BlockLength];

    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public KeyValuePage(ModelConfiguration configuration, Attention attention)
    {
        _headCount = configuration.KeyValueHeadCount;
        _keyByteSize = attention.KeyBlockByteSize;
        _valueByteSize = attention.ValueBlockByteSize;
        _numbers = new(ByteSizeFor(configuration, attention));
    }

    /// <summary>The number of tokens whose keys and values are stored, 0 … <see cref="Attention.BlockLength"/>.</summary>
    public int TokenCount { get; private set; }

    /// <summary>The tokens whose keys and values are stored.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, TokenCount);

    /// <summary>Whether all positions are stored. A full page never changes, so any number of sequences may read it.</summary>
    public bool IsFull => TokenCount == Attention.BlockLength;

    /// <summary>The time at which a sequence last returned the page, as counted by <see cref="KeyValuePages.Clock"/>.</summary>
    public long LastUse { get; set; }

    /// <summary>
    /// The parent of the page: the page of the preceding positions, or the node at which a scope's pages begin. Null if the page is not in the tree.
    /// </summary>
    public PrefixNode? Parent { get; private set; }

    /// <summary>The next of the pages that may follow <see cref="Parent"/>.</summary>
    public KeyValuePage? NextSibling { get; private set; }

    /// <summary>The size of a page in bytes.</summary>
    public static long ByteSizeFor(ModelConfiguration configuration, Attention attention)
        => (long)configuration.LayerCount * configuration.KeyValueHeadCount * (attention.KeyBlockByteSize + attention.ValueBlockByteSize);

    /// <summary>The keys of a head.</summary>
    public Span<byte> Keys(int layer, int head) => _numbers.Slice(BlockStart(layer, head), _keyByteSize);

    /// <summary>The values of a head.</summary>
    public Span<byte> Values(int layer, int head) => _numbers.Slice(BlockStart(layer, head) + _keyByteSize, _valueByteSize);

    /// <summary>Records that the keys and values of one more token are stored.</summary>
    public void Append(int token) => _tokens[TokenCount++] = token;

    /// <summary>Makes this page a copy of another page's first tokens.</summary>
    public void CopyFrom(KeyValuePage other, int tokenCount)
    {
        other.Tokens[..tokenCount].CopyTo(_tokens);
        TokenCount = tokenCount;
        for (int layer = 0; BlockStart(layer, 0) < _numbers.Length; layer++)
        {
            for (int head = 0; head < _headCount; head++)
            {
                other.Keys(layer, head).CopyTo(Keys(layer, head));
                other.Values(layer, head).CopyTo(Values(layer, head));
            }
        }
    }

    /// <summary>Puts the page into the tree.</summary>
    public void Attach(PrefixNode parent)
    {
        Parent = parent;
        NextSibling = parent.FirstChild;
        parent.FirstChild = this;
    }

    /// <summary>Removes the tokens. The page must not be in the tree.</summary>
    public void Clear() => TokenCount = 0;

    /// <summary>If the page is in the tree, removes it and all pages that follow it. Called by <see cref="PrefixTree.Detach"/>.</summary>
    public void Detach()
    {
        if (Parent is not null)
        {
            if (Parent.FirstChild == this)
            {
                Parent.FirstChild = NextSibling;
            }
            else
            {
                KeyValuePage before = Parent.FirstChild!;
                while (before.NextSibling != this)
                {
                    before = before.NextSibling!;
                }

                before.NextSibling = NextSibling;
            }
        }

        Parent = null;
        NextSibling = null;
    }

    public void Dispose() => _numbers.Dispose();

    private long BlockStart(int layer, int head) => ((long)layer * _headCount + head) * (_keyByteSize + _valueByteSize);
}
