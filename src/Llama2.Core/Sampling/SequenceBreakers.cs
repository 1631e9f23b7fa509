namespace Llama2.Sampling;

/// <summary>
/// Sequences of tokens that end a repetition, in a trie of the reversed sequences. Finding out whether a sequence ends at a token takes at most one
/// look-up for each token of the longest sequence, however many sequences there are.
/// </summary>
internal sealed class SequenceBreakers
{
    private readonly Dictionary<(int Node, int Token), int> _children = [];
    private readonly HashSet<int> _complete = [];

    /// <summary>Adds a sequence of at least one token.</summary>
    public void Add(params ReadOnlySpan<int> sequence)
    {
        int node = 0;
        for (int i = sequence.Length - 1; i >= 0; i--)
        {
            if (!_children.TryGetValue((node, sequence[i]), out int child))
            {
                child = _children.Count + 1;
                _children.Add((node, sequence[i]), child);
            }

            node = child;
        }

        _complete.Add(node);
    }

    /// <summary>Whether the tokens end with one of the sequences.</summary>
    public bool EndAt(ReadOnlySpan<int> tokens)
    {
        int node = 0;
        for (int i = tokens.Length - 1; i >= 0 && _children.TryGetValue((node, tokens[i]), out node); i--)
        {
            if (_complete.Contains(node))
                return true;
        }

        return false;
    }

    /// <summary>Whether a single token is one of the sequences.</summary>
    public bool Contain(int token) => _children.TryGetValue((0, token), out int node) && _complete.Contains(node);
}
