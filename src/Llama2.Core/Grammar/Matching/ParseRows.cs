using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Matching;

/// <summary>
/// The rows of Earley's parsing algorithm (Earley 1970; rules that derive the empty text are handled as in Aycock and Horspool 2002). The symbols
/// that the algorithm reads are lexemes. A row belongs to a place between two lexemes and consists of items. An item has two parts: a state of a rule to which
/// the text so far can lead, and the row in which this rule began. The rows form a stack, so that the last rows can be removed again. The
/// arrays come from a pool, to which <see cref="Dispose"/> returns them. Not thread-safe.
/// </summary>
internal sealed class ParseRows : IDisposable
{
    /// <summary>The maximum number of items in all rows together. An item takes 16 bytes.</summary>
    public const int MaxItemCount = 4_000_000;

    private readonly GrammarRules _rules;
    private readonly Lexer _lexer;
    private readonly RuleCosts? _costs;
    private readonly GrammarBudget _budget;
    private readonly int[] _firstItem;
    private readonly int[] _lexemeMarks;
    private readonly int[] _ruleCosts;
    // Arrays from the pool may be longer than requested. These capacities are the lengths that were requested: one for all arrays of items, one for
    // all arrays of rows.
    private int _itemCapacity = 256, _rowCapacity = 64;
    private int[] _states = PooledArray.Rent<int>(256), _origins = PooledArray.Rent<int>(256);
    private int[] _sameState = PooledArray.Rent<int>(256), _outerCosts = PooledArray.Rent<int>(256);
    private int[] _rowStarts = PooledArray.Rent<int>(64);
    private LexerState[] _lexerStates = PooledArray.Rent<LexerState>(64);
    private bool[] _canEnd = PooledArray.Rent<bool>(64);
    private int[] _lexemes = PooledArray.Rent<int>(64);
    private int _itemCount;
    private int _lexemeCount;
    private int _mark;

    /// <param name="rules">The grammar's rules.</param>
    /// <param name="lexer">The lexer for the grammar's lexemes.</param>
    /// <param name="costs">The costs of the rules in tokens; null if the costs of rows are not needed.</param>
    /// <param name="budget">Counts the work.</param>
    public ParseRows(GrammarRules rules, Lexer lexer, RuleCosts? costs, GrammarBudget budget)
    {
        _rules = rules;
        _lexer = lexer;
        _costs = costs;
        _budget = budget;
        _firstItem = new int[rules.StateCount];
        Array.Fill(_firstItem, -1);
        _lexemeMarks = new int[rules.Lexemes.Length];
        _ruleCosts = new int[rules.RuleCount];
        Begin();
        Add(rules.StartOf(0), 0, 0);
        TryEnd();
    }

    /// <summary>The number of rows, at least 1.</summary>
    public int Count { get; private set; }

    /// <summary>The state in which the lexer starts after a row; <see cref="LexerState.Dead"/> if no lexeme may come next.</summary>
    public LexerState LexerState(int row) => _lexerStates[row];

    /// <summary>Whether the text may end at a row.</summary>
    public bool CanEnd(int row) => _canEnd[row];

    /// <summary>Starts a new row.</summary>
    public void Begin()
    {
        if (Count + 1 == _rowCapacity)
            GrowRows();
        _rowStarts[Count] = _itemCount;
    }

    /// <summary>Adds to the new row the items that an earlier row reaches by reading one of the given lexemes.</summary>
    public void Scan(int row, ReadOnlySpan<int> lexemes)
    {
        Charge(row);
        for (int item = _rowStarts[row], end = _rowStarts[row + 1]; item < end; item++)
        {
            foreach (Move move in _rules.LexemeMoves[_states[item]])
            {
                if (lexemes.Contains(move.Symbol))
                    Add(move.Target, _origins[item], _outerCosts[item]);
            }
        }
    }

    /// <summary>Completes the new row. If the row has no items, drops the row and returns false.</summary>
    public bool TryEnd()
    {
        int start = _rowStarts[Count];
        if (_itemCount == start)
            return false;
        int row = Count++;
        _lexemeCount = 0;
        _mark++;
        bool canEnd = false;
        for (int item = start; item < _itemCount; item++)
        {
            int state = _states[item], origin = _origins[item];
            foreach (Move move in _rules.Empty[state])
                Add(move.Target, origin, _outerCosts[item]);
            foreach (Move move in _rules.RuleMoves[state])
            {
                Add(_rules.StartOf(move.Symbol), row, RuleCosts.Unreachable);
                if (_rules.AreNullable[move.Symbol])
                    Add(move.Target, origin, _outerCosts[item]);
            }

            foreach (Move move in _rules.LexemeMoves[state])
                AddLexeme(move.Symbol);
            if (_rules.IsFinal(state))
            {
                int rule = _rules.RuleOf(state);
                canEnd |= rule == 0 && origin == 0;
                if (origin != row)
                    Complete(rule, origin);
            }
        }

        for (int item = start; item < _itemCount; item++)
            _firstItem[_states[item]] = -1;
        _rowStarts[Count] = _itemCount;
        _canEnd[row] = canEnd;
        Span<int> lexemes = _lexemes.AsSpan(0, _lexemeCount);
        lexemes.Sort();
        _budget.Charge(1 + ((_itemCount - start + _lexemeCount) / 4));
        _lexerStates[row] = _lexemeCount == 0 ? Matching.LexerState.Dead : _lexer.Start(lexemes, _budget);
        if (_costs is not null)
            ComputeOuterCosts(row);
        return true;
    }

    /// <summary>Removes all rows except the first ones.</summary>
    /// <param name="count">The number of rows to keep.</param>
    public void Cut(int count)
    {
        Count = count;
        _itemCount = _rowStarts[count];
    }

    /// <summary>The number of tokens that it takes to complete the text after a lexeme that begins at a row.</summary>
    public int CostAfter(int row, int lexeme)
    {
        Charge(row);
        int cost = RuleCosts.Unreachable;
        for (int item = _rowStarts[row], end = _rowStarts[row + 1]; item < end; item++)
        {
            foreach (Move move in _rules.LexemeMoves[_states[item]])
            {
                if (move.Symbol == lexeme)
                    cost = Math.Min(cost, RuleCosts.Sum(_costs![move.Target], _outerCosts[item]));
            }
        }

        return cost;
    }

    /// <summary>The highest value of <see cref="CostAfter"/> for the lexemes that may begin at a row.</summary>
    public int MaxCostAfter(int row)
    {
        Charge(row);
        int cost = 0;
        for (int item = _rowStarts[row], end = _rowStarts[row + 1]; item < end; item++)
        {
            foreach (Move move in _rules.LexemeMoves[_states[item]])
                cost = Math.Max(cost, RuleCosts.Sum(_costs![move.Target], _outerCosts[item]));
        }

        return cost;
    }

    /// <summary>The number of tokens that it takes to complete the text after a row.</summary>
    public int CostFrom(int row)
    {
        Charge(row);
        int cost = RuleCosts.Unreachable;
        for (int item = _rowStarts[row], end = _rowStarts[row + 1]; item < end; item++)
            cost = Math.Min(cost, RuleCosts.Sum(_costs![_states[item]], _outerCosts[item]));
        return cost;
    }

    public void Dispose()
    {
        PooledArray.Return(ref _states);
        PooledArray.Return(ref _origins);
        PooledArray.Return(ref _sameState);
        PooledArray.Return(ref _outerCosts);
        PooledArray.Return(ref _rowStarts);
        PooledArray.Return(ref _lexerStates);
        PooledArray.Return(ref _canEnd);
        PooledArray.Return(ref _lexemes);
    }

    private void GrowRows()
    {
        _rowCapacity *= 2;
        PooledArray.Grow(ref _rowStarts, _rowCapacity);
        PooledArray.Grow(ref _lexerStates, _rowCapacity);
        PooledArray.Grow(ref _canEnd, _rowCapacity);
    }

    // Counts the work of examining the items of a row.
    private void Charge(int row) => _budget.Charge((_rowStarts[row + 1] - _rowStarts[row]) / 8);

    private void Add(int state, int origin, int outerCost)
    {
        for (int item = _firstItem[state]; item >= 0; item = _sameState[item])
        {
            if (_origins[item] == origin)
            {
                return;
            }
        }

        if (_itemCount == _itemCapacity)
            GrowItems();
        GrammarLimitException.ThrowIfAbove(_itemCount, MaxItemCount, "items in the parser");
        _states[_itemCount] = state;
        _origins[_itemCount] = origin;
        _outerCosts[_itemCount] = outerCost;
        _sameState[_itemCount] = _firstItem[state];
        _firstItem[state] = _itemCount++;
    }

    private void GrowItems()
    {
        _itemCapacity *= 2;
        PooledArray.Grow(ref _states, _itemCapacity);
        PooledArray.Grow(ref _origins, _itemCapacity);
        PooledArray.Grow(ref _sameState, _itemCapacity);
        PooledArray.Grow(ref _outerCosts, _itemCapacity);
    }

    private void AddLexeme(int lexeme)
    {
        if (_lexemeMarks[lexeme] == _mark)
            return;
        _lexemeMarks[lexeme] = _mark;
        if (_lexemeCount == _lexemes.Length)
            PooledArray.Grow(ref _lexemes, _lexemeCount * 2);
        _lexemes[_lexemeCount++] = lexeme;
    }

    private void Complete(int rule, int origin)
    {
        Charge(origin);
        for (int item = _rowStarts[origin], end = _rowStarts[origin + 1]; item < end; item++)
        {
            foreach (Move move in _rules.RuleMoves[_states[item]])
            {
                if (move.Symbol == rule)
                    Add(move.Target, _origins[item], _outerCosts[item]);
            }
        }
    }

    // Computes the outer cost of each item: the number of tokens that it takes to complete the text after the end of the item's rule. A rule that
    // begins in this row gets its outer cost from the items of this row that wait for the rule to end. The computation is repeated until no cost
    // becomes lower.
    private void ComputeOuterCosts(int row)
    {
        int start = _rowStarts[row];
        for (int item = start; item < _itemCount; item++)
        {
            if (_origins[item] == row)
                _ruleCosts[_rules.RuleOf(_states[item])] = RuleCosts.Unreachable;
        }

        if (row == 0)
            _ruleCosts[0] = 0;
        for (bool isChanged = true; isChanged;)
        {
            isChanged = false;
            _budget.Charge((_itemCount - start) / 8);
            for (int item = start; item < _itemCount; item++)
            {
                foreach (Move move in _rules.RuleMoves[_states[item]])
                {
                    int cost = RuleCosts.Sum(_costs![move.Target], OuterCost(item, row));
                    if (cost < _ruleCosts[move.Symbol])
                    {
                        _ruleCosts[move.Symbol] = cost;
                        isChanged = true;
                    }
                }
            }
        }

        for (int item = start; item < _itemCount; item++)
            _outerCosts[item] = OuterCost(item, row);
    }

    private int OuterCost(int item, int row) => _origins[item] == row ? _ruleCosts[_rules.RuleOf(_states[item])] : _outerCosts[item];
}
