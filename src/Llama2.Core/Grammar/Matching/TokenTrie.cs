namespace Llama2.Grammar.Matching;

/// <summary>
/// The tokens of a vocabulary as a trie of their bytes. The nodes are stored in depth-first order: each node is followed by all nodes below it. So a walk over all tokens
/// reads the arrays from front to back, and one jump skips a subtree. Immutable and thread-safe.
/// </summary>
internal sealed class TokenTrie
{
    private readonly byte[] _bytes;
    private readonly ushort[] _depths;
    private readonly int[] _ends;
    private readonly int[] _tokens;
    private readonly int[] _nextEqual;

    /// <param name="tokens">The tokens and their bytes. Each token has at least one byte.</param>
    /// <param name="vocabularySize">The number of tokens of the vocabulary. All ids are below this number.</param>
    public TokenTrie(IEnumerable<(int Token, byte[] Bytes)> tokens, int vocabularySize)
    {
        (int Token, byte[] Bytes)[] sorted = [.. tokens];
        Array.Sort(sorted, static (left, right) =>
            left.Bytes.AsSpan().SequenceCompareTo(right.Bytes) is int order and not 0 ? order : left.Token.CompareTo(right.Token));

        var bytes = new List<byte>();
        var depths = new List<ushort>();
        var ends = new List<int>();
        var ids = new List<int>();
        var open = new Stack<int>();
        _nextEqual = new int[vocabularySize];
        Array.Fill(_nextEqual, -1);
        byte[] before = [];
        foreach ((int token, byte[] text) in sorted)
        {
            int common = text.AsSpan().CommonPrefixLength(before);
            if (common == text.Length && before.Length == text.Length)
            {
                // Both tokens have the same bytes, so the later token is chained to the earlier one.
                int last = ids[^1];
                while (_nextEqual[last] >= 0)
                    last = _nextEqual[last];
                _nextEqual[last] = token;
                continue;
            }

            while (open.Count > common)
                ends[open.Pop()] = bytes.Count;
            for (int i = common; i < text.Length; i++)
            {
                open.Push(bytes.Count);
                bytes.Add(text[i]);
                depths.Add((ushort)(i + 1));
                ends.Add(0);
                ids.Add(-1);
            }

            ids[^1] = token;
            MaxDepth = Math.Max(MaxDepth, text.Length);
            before = text;
        }

        while (open.TryPop(out int node))
            ends[node] = bytes.Count;
        _bytes = [.. bytes];
        _depths = [.. depths];
        _ends = [.. ends];
        _tokens = [.. ids];
    }

    /// <summary>The number of nodes.</summary>
    public int Count => _bytes.Length;

    /// <summary>The length of the longest token in bytes.</summary>
    public int MaxDepth { get; }

    /// <summary>For each node, the last byte of its text. The text of a node consists of the bytes on the path from the root to the node.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>For each node, the number of bytes of its text, at least 1.</summary>
    public ReadOnlySpan<ushort> Depths => _depths;

    /// <summary>For each node, the first later node that is not below it.</summary>
    public ReadOnlySpan<int> Ends => _ends;

    /// <summary>For each node, the token whose bytes are the node's text; -1 if there is none.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>The next token with the same bytes; -1 if there is none.</summary>
    public int NextEqual(int token) => _nextEqual[token];

    /// <summary>Finds the longest token with which a text begins.</summary>
    /// <param name="text">The text.</param>
    /// <param name="token">The token, or -1 if there is none.</param>
    /// <returns>The length of the token in bytes; 0 if there is none.</returns>
    public int FindLongest(ReadOnlySpan<byte> text, out int token)
    {
        token = -1;
        int length = 0;
        int node = 0, end = Count;
        for (int i = 0; i < text.Length; i++)
        {
            while (node < end && _bytes[node] != text[i])
                node = _ends[node];
            if (node >= end)
                break;
            if (_tokens[node] >= 0)
            {
                token = _tokens[node];
                length = i + 1;
            }

            end = _ends[node];
            node++;
        }

        return length;
    }
}
