namespace Llama2.Tokenization;

/// <summary>
/// Finds the longest of a set of pieces at every position of a text in one pass: the automaton of Aho and Corasick (Communications of the
/// ACM 18, 1975) over the reversed pieces, run from the end of the text to its start. Linear whatever the pieces. Immutable.
/// </summary>
internal sealed class PieceMatcher
{
    private readonly Dictionary<ulong, int> _edges = [];
    private readonly List<Node> _nodes = [new Node(0, '\0', 0)];
    private readonly int[] _fallbacks;
    private readonly int[] _longest;

    private PieceMatcher(IEnumerable<(string Text, int Id)> pieces)
    {
        var ends = new Dictionary<int, int>();
        foreach ((string text, int id) in pieces)
            ends.TryAdd(Insert(text), id); // of equal pieces the lowest id is matched

        _fallbacks = new int[_nodes.Count];
        _longest = new int[_nodes.Count];
        Array.Fill(_longest, -1);
        foreach (int node in Enumerable.Range(1, _nodes.Count - 1).OrderBy(node => _nodes[node].Depth))
        {
            Node own = _nodes[node];
            _fallbacks[node] = own.Parent == 0 ? 0 : Step(_fallbacks[own.Parent], own.Character);
            _longest[node] = ends.TryGetValue(node, out int id) ? id : _longest[_fallbacks[node]];
        }
    }

    /// <summary>A matcher of the non-empty pieces of some types, or null if there are none.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="escapeSpaces">Whether spaces in pieces are written U+2581: GGUF stores user-defined pieces with plain spaces.</param>
    /// <param name="types">Which pieces to match.</param>
    public static PieceMatcher? Create(Vocabulary vocabulary, bool escapeSpaces, params ReadOnlySpan<PieceType> types)
    {
        var pieces = new List<(string, int)>();
        for (int id = 0; id < vocabulary.Count; id++)
        {
            string piece = vocabulary.Pieces[id];
            if (types.Contains(vocabulary.Types[id]) && piece.Length > 0)
                pieces.Add((escapeSpaces ? piece.Replace(' ', Vocabulary.EscapedSpace) : piece, id));
        }

        return pieces.Count == 0 ? null : new PieceMatcher(pieces);
    }

    /// <summary>Writes for each position the id of the longest piece that starts there, or -1.</summary>
    public void FindLongest(ReadOnlySpan<char> text, Span<int> ids)
    {
        int state = 0;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            state = Step(state, text[i]);
            ids[i] = _longest[state];
        }
    }

    private int Insert(string text)
    {
        int node = 0;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            if (!_edges.TryGetValue(Edge(node, text[i]), out int child))
            {
                child = _nodes.Count;
                _nodes.Add(new Node(node, text[i], _nodes[node].Depth + 1));
                _edges.Add(Edge(node, text[i]), child);
            }

            node = child;
        }

        return node;
    }

    private int Step(int state, char character)
    {
        while (true)
        {
            if (_edges.TryGetValue(Edge(state, character), out int next))
                return next;
            if (state == 0)
                return 0;
            state = _fallbacks[state];
        }
    }

    private static ulong Edge(int node, char character) => ((ulong)(uint)node << 16) | character;

    private readonly record struct Node(int Parent, char Character, int Depth);
}
