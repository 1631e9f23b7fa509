namespace Llama2.Grammar.Matching;

/// <summary>Walks over the nodes of a trie with the lexer, and collects the tokens that stay within lexemes and the places where lexemes end.</summary>
/// <param name="lexer">The lexer, whose lock is held.</param>
/// <param name="trie">The trie.</param>
/// <param name="maxCost">The highest cost that was found before this walk.</param>
internal sealed class LexerWalk(Lexer lexer, TokenTrie trie, int maxCost)
{
    private const int MaxListedTokens = 1_000;

    private readonly LexerState[] _states = new LexerState[trie.MaxDepth + 1];
    private readonly List<int> _tokens = [];
    private readonly List<(int[] Accepted, List<int> Nodes)> _boundaries = [];
    private readonly HashSet<LexerState> _priced = [];
    private int _maxCost = maxCost;

    /// <summary>Walks over some nodes.</summary>
    /// <param name="state">The state at the parent of these nodes.</param>
    /// <param name="node">The first node.</param>
    /// <param name="end">The node after the last.</param>
    /// <param name="baseDepth">The depth of the parent of these nodes: the number of bytes from the root to the parent.</param>
    public void Over(LexerState state, int node, int end, int baseDepth)
    {
        _states[baseDepth] = state;
        lexer.Charge((end - node) / 16);
        ReadOnlySpan<byte> bytes = trie.Bytes, classOf = lexer.ClassOf;
        ReadOnlySpan<ushort> depths = trie.Depths;
        ReadOnlySpan<int> ends = trie.Ends;
        while (node < end)
        {
            int depth = depths[node];
            LexerState next = lexer.NextOfClass(_states[depth - 1], classOf[bytes[node]]);
            if (next == LexerState.Dead)
            {
                node = ends[node];
                continue;
            }

            _states[depth] = next;
            if (trie.Tokens[node] >= 0)
            {
                for (int token = trie.Tokens[node]; token >= 0; token = trie.NextEqual(token))
                    _tokens.Add(token);
                if (_priced.Add(next))
                    _maxCost = Math.Max(_maxCost, lexer.CostOf(next));
            }

            if (next.Accepted.Length > 0 && ends[node] > node + 1)
                AddBoundary(next.Accepted, node);
            node = next.CanContinue ? node + 1 : ends[node];
        }
    }

    /// <summary>Creates the mask from the collected tokens and places.</summary>
    /// <param name="slice">A slice whose tokens are allowed too, or null.</param>
    /// <param name="maskLength">The length of a mask in words.</param>
    public LexerMask ToMask(TextSlice? slice, int maskLength)
    {
        LexerBoundary[] boundaries = [.. _boundaries.Select(boundary => new LexerBoundary(boundary.Accepted, trie, [.. boundary.Nodes]))];
        if (_tokens.Count <= MaxListedTokens)
            return new LexerMask(slice, [.. _tokens], null, boundaries, _maxCost);
        var bits = new ulong[maskLength];
        foreach (int token in _tokens)
            bits[token >> 6] |= 1UL << token;
        return new LexerMask(slice, [], bits, boundaries, _maxCost);
    }

    private void AddBoundary(int[] accepted, int node)
    {
        foreach ((int[] known, List<int> nodes) in _boundaries)
        {
            if (known.AsSpan().SequenceEqual(accepted))
            {
                nodes.Add(node);
                return;
            }
        }

        _boundaries.Add((accepted, [node]));
    }
}
