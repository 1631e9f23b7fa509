namespace Llama2.Grammar.Rules;

/// <summary>All transitions that read symbols of one kind, in one array. The transitions of a state are next to each other in the array.</summary>
internal sealed class MoveTable
{
    private readonly int[] _starts;
    private readonly Move[] _moves;

    /// <param name="stateCount">The number of states.</param>
    /// <param name="moves">The transitions, in any order; enumerated twice. Duplicates are dropped.</param>
    public MoveTable(int stateCount, IEnumerable<(int From, int Symbol, int To)> moves)
    {
        var starts = new int[stateCount + 1];
        int count = 0;
        foreach ((int from, _, _) in moves)
        {
            starts[from + 1]++;
            count++;
        }

        for (int state = 1; state <= stateCount; state++)
            starts[state] += starts[state - 1];
        var sorted = new Move[count];
        int[] next = starts.AsSpan(0, stateCount).ToArray();
        foreach ((int from, int symbol, int to) in moves)
            sorted[next[from]++] = new Move(symbol, to);
        _moves = sorted;
        _starts = starts;
        DropDuplicates();
    }

    /// <summary>The transitions of a state.</summary>
    public ReadOnlySpan<Move> this[int state] => _moves.AsSpan(_starts[state].._starts[state + 1]);

    private void DropDuplicates()
    {
        int count = 0, start = 0;
        for (int state = 0; state < _starts.Length - 1; state++)
        {
            Span<Move> moves = _moves.AsSpan(start.._starts[state + 1]);
            start = _starts[state + 1];
            if (moves.Length > 1)
                moves.Sort(static (left, right) => left.Symbol != right.Symbol ? left.Symbol.CompareTo(right.Symbol) : left.Target.CompareTo(right.Target));
            int first = count;
            foreach (Move move in moves)
            {
                if (count == first || move != _moves[count - 1])
                    _moves[count++] = move;
            }

            _starts[state + 1] = count;
        }
    }
}
