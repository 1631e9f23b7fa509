namespace Llama2.Grammar.Matching;

/// <summary>
/// Nodes of the trie at which the same lexemes are complete, and below which there are longer tokens. The object caches, for each set of lexemes that
/// the parser allows next, which of the longer tokens may come. Thread-safe.
/// </summary>
/// <param name="lexemes">The complete lexemes.</param>
/// <param name="trie">The trie of the nodes.</param>
/// <param name="nodes">The nodes, in ascending order.</param>
internal sealed class LexerBoundary(int[] lexemes, TokenTrie trie, int[] nodes)
{
    private const int MaxMaskCount = 32;

    private Entry? _masks;
    private int _maskCount;

    public int[] Lexemes => lexemes;

    public TokenTrie Trie => trie;

    public int[] Nodes => nodes;

    /// <summary>The tokens that may follow if the next lexemes are those of a start state; null if they have not been computed.</summary>
    public LexerMask? Find(LexerState start)
    {
        for (Entry? entry = Volatile.Read(ref _masks); entry is not null; entry = entry.Next)
        {
            if (entry.Start == start)
                return entry.Mask;
        }

        return null;
    }

    /// <summary>Caches a mask. Must be called by one thread at a time.</summary>
    public void Add(LexerState start, LexerMask mask)
    {
        bool isFull = ++_maskCount > MaxMaskCount;
        _maskCount = isFull ? 1 : _maskCount;
        Volatile.Write(ref _masks, new Entry(start, mask, isFull ? null : _masks));
    }

    private sealed record Entry(LexerState Start, LexerMask Mask, Entry? Next);
}
