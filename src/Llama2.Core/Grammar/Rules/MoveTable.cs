namespace Llama2.Grammar.Rules;

/// <summary>All transitions that read symbols of one kind, in one array. The transitions of a state are next to each other in the array.</summary>
internal sealed class MoveTable
{
    private readonly int[] _starts;
    private readonly Move[] _moves;

    /// <param name="stateCount">The number of states.</param>
    /// <param name="moves">The transitions, in any order; duplicates are removed.</param>
    public MoveTable(int stateCount, IEnumerable<(int From, int Symbol, int To)> moves)
    {
        _starts = new int[stateCount + 1];
        (int From, int Symbol, int To)[] sorted = [.. moves.Distinct().OrderBy(move => move.From)];
        _moves = new Move[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            _moves[i] = new Move(sorted[i].Symbol, sorted[i].To);
            _starts[sorted[i].From + 1] = i + 1;
        }

        for (int state = 1; state <= stateCount; state++)
            _starts[state] = Math.Max(_starts[state], _starts[state - 1]);
    }

    /// <summary>The transitions of a state.</summary>
    public ReadOnlySpan<Move> this[int state] => _moves.AsSpan(_starts[state].._starts[state + 1]);
}
