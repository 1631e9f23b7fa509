namespace Llama2.Grammar.Matching;

/// <summary>
/// A group of nodes of the trie. At all of them, the same lexemes are complete, and below each of them there are tokens that go on after the end of these lexemes.
/// For each set of lexemes that the parser allows next, this object caches which of these tokens are allowed. Thread-safe.
/// </summary>
/// <param name="lexemes">The complete lexemes.</param>
/// <param name="trie">The trie to which the nodes belong.</param>
/// <param name="nodes">The nodes, in ascending order.</param>
internal sealed class LexerBoundary(int[] lexemes, TokenTrie trie, int[] nodes)
{
    // Strings of an object end at the same boundary, and each property may have its own mask after this boundary.
    private const int MaxMaskCount = 256;

    private Entry? _masks;
    private int _maskCount;

    public int[] Lexemes => lexemes;

    public TokenTrie Trie => trie;

    public int[] Nodes => nodes;

    /// <summary>Finds which of the tokens below the nodes are allowed if the next lexemes are those of a start state; null if this has not been computed.</summary>
    public LexerMask? Find(LexerState start)
    {
        for (Entry? entry = Volatile.Read(ref _masks); entry is not null; entry = entry.Next)
        {
            if (entry.Start == start)
                return entry.Mask;
        }

        return null;
    }

    /// <summary>Caches a mask. Only one thread at a time may call this method.</summary>
    public void Add(LexerState start, LexerMask mask)
    {
        bool isFull = ++_maskCount > MaxMaskCount;
        _maskCount = isFull ? 1 : _maskCount;
        Volatile.Write(ref _masks, new Entry(start, mask, isFull ? null : _masks));
    }

    private sealed record Entry(LexerState Start, LexerMask Mask, Entry? Next);
}
