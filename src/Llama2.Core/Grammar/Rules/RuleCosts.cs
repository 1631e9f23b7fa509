namespace Llama2.Grammar.Rules;

/// <summary>
/// For each state of a grammar's rules, the least total cost of lexemes that lead from the state to the end of its rule; <see cref="int.MaxValue"/>
/// if the end cannot be reached. Costs are lowered until no cost can be lowered any further. Knuth's generalization of Dijkstra's algorithm gives the
/// same result.
/// </summary>
internal sealed class RuleCosts
{
    public const int Unreachable = int.MaxValue;

    private readonly int[] _costs;
    private readonly int[] _starts;

    /// <param name="starts">The start state of each rule.</param>
    /// <param name="areFinal">For each state, whether its rule may end in this state.</param>
    /// <param name="empty">Transitions that read nothing.</param>
    /// <param name="lexemes">Transitions that read a lexeme.</param>
    /// <param name="rules">Transitions that read a rule.</param>
    /// <param name="lexemeCosts">The least cost of each lexeme; <see cref="Unreachable"/> for a lexeme that matches nothing.</param>
    public RuleCosts(
        int[] starts, bool[] areFinal, IReadOnlyList<(int From, int To)> empty, IReadOnlyList<(int From, int Symbol, int To)> lexemes,
        IReadOnlyList<(int From, int Symbol, int To)> rules, int[] lexemeCosts)
    {
        int count = areFinal.Length;
        _starts = starts;
        _costs = new int[count];
        Array.Fill(_costs, Unreachable);
        var intoState = new MoveTable(count, empty.Select(move => (move.To, -1, move.From)).Concat(lexemes.Select(move => (move.To, move.Symbol, move.From))));
        var rulesInto = new MoveTable(count, rules.Select(move => (move.To, move.Symbol, move.From)));
        var uses = new MoveTable(starts.Length, rules.Select(move => (move.Symbol, move.To, move.From)));
        var ruleOfStart = new int[count];
        for (int rule = 0; rule < starts.Length; rule++)
            ruleOfStart[starts[rule]] = rule + 1;

        var changed = new PriorityQueue<int, int>();
        for (int state = 0; state < count; state++)
        {
            if (areFinal[state])
                Improve(state, 0);
        }

        while (changed.TryDequeue(out int state, out int cost))
        {
            if (cost > _costs[state])
                continue;
            foreach (Move move in intoState[state])
                Improve(move.Target, Sum(cost, move.Symbol < 0 ? 0 : lexemeCosts[move.Symbol]));
            foreach (Move move in rulesInto[state])
                Improve(move.Target, Sum(cost, OfRule(move.Symbol)));
            if (ruleOfStart[state] > 0)
            {
                foreach (Move use in uses[ruleOfStart[state] - 1])
                    Improve(use.Target, Sum(cost, _costs[use.Symbol]));
            }
        }

        void Improve(int state, int cost)
        {
            if (cost < _costs[state])
            {
                _costs[state] = cost;
                changed.Enqueue(state, cost);
            }
        }
    }

    /// <summary>The least cost from a state to the end of its rule.</summary>
    public int this[int state] => _costs[state];

    /// <summary>The least cost of a text that a rule derives.</summary>
    public int OfRule(int rule) => _costs[_starts[rule]];

    /// <summary>The sum of two costs; <see cref="Unreachable"/> if one of them is unreachable.</summary>
    public static int Sum(int left, int right) =>
        left == Unreachable || right == Unreachable ? Unreachable : (int)Math.Min((long)left + right, Unreachable - 1);
}
