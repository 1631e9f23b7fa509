using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Writes the automaton of an array into a rule. A state holds the number of items so far, up to the highest number that makes a difference. It also
/// holds how many of the items match each schema of <c>contains</c> and, if items must be unique, which values have been used.
/// </summary>
internal sealed class ArrayRule
{
    /// <summary>The maximum number of states of an array or object.</summary>
    public const int MaxStateCount = 20_000;

    private const int MaxContainsCount = 4;

    private readonly RuleWriter _writer;
    private readonly ArrayShape _shape;
    private readonly string _path;
    private readonly int _rule, _countCap;
    private readonly SchemaLiteral[]? _uniqueValues;
    private readonly Dictionary<State, int> _states = [];
    private readonly Queue<State> _unwritten = [];

    public ArrayRule(RuleWriter writer, ArrayShape shape, string path, int rule)
    {
        _writer = writer;
        _shape = shape;
        _path = path;
        _rule = rule;
        _countCap = Math.Max(shape.Prefix.Length, shape.MaxCount < int.MaxValue ? shape.MaxCount : shape.MinCount);
        foreach (ContainsConstraint contains in shape.Contains)
            _countCap = Math.Max(_countCap, contains.Start);
        if (shape.Contains.Length > MaxContainsCount)
            throw SchemaDocument.Fault(path, $"more than {MaxContainsCount} keywords 'contains' apply to an array; the limit protects time and memory");
        if (shape.UniquePath is { } uniquePath && shape.MaxCount > 1)
            _uniqueValues = new UniqueValues(writer).Find(shape, uniquePath);
    }

    private GrammarBuilder Builder => _writer.Builder;

    /// <summary>Writes the automaton, from the start state of the rule to the given state.</summary>
    public void Write(int end)
    {
        int start = Builder.StartOf(_rule), opened = Builder.AddState(_rule);
        Builder.AddLexeme(start, _writer.Tokens.OpenArray, opened);
        var empty = new State(0, 0, 0, 0, 0);
        if (MayEnd(empty))
            Builder.AddLexeme(opened, _writer.Tokens.CloseArray, end);
        AddItem(opened, empty);
        while (_unwritten.TryDequeue(out State state))
        {
            int written = _states[state];
            if (MayEnd(state))
                Builder.AddLexeme(written, _writer.Tokens.CloseArray, end);
            if (state.Count >= _shape.MaxCount)
                continue;
            int next = Builder.AddState(_rule);
            Builder.AddLexeme(written, _writer.Tokens.Comma, next);
            AddItem(next, state);
        }
    }

    private bool MayEnd(State state)
    {
        if (state.Count < _shape.MinCount)
            return false;
        for (int i = 0; i < _shape.Contains.Length; i++)
        {
            if (state.Matched(i) < _shape.Contains[i].Minimum)
                return false;
        }

        return true;
    }

    private void AddItem(int from, State state)
    {
        if (state.Count >= _shape.MaxCount)
            return;
        if (_uniqueValues is null)
        {
            AddItem(from, state, _shape.ItemAt(state.Count), 0);
            return;
        }

        for (int i = 0; i < _uniqueValues.Length; i++)
        {
            if ((state.Used & (1 << i)) == 0)
                AddItem(from, state with { Used = state.Used | (1 << i) }, _writer.Context.Sets.Union(_shape.ItemAt(state.Count), _uniqueValues[i]), 0);
        }
    }

    // For each schema of 'contains', adds the possible alternatives: an item that counts as a match, and an item that does not.
    private void AddItem(int from, State state, SchemaSet item, int index)
    {
        if (item.IsNone)
            return;
        if (index == _shape.Contains.Length)
        {
            _writer.AddValue(from, item, StateOf(state with { Count = Math.Min(state.Count + 1, _countCap) }));
            return;
        }

        ContainsConstraint contains = _shape.Contains[index];
        int matched = state.Matched(index);
        if (state.Count < contains.Start || (contains.Maximum == int.MaxValue && matched >= contains.Minimum))
        {
            AddItem(from, state, item, index + 1);
            return;
        }

        if (matched < contains.Maximum)
            AddItem(from, state.WithMatched(index, matched + 1), _writer.Context.Sets.Union(item, contains.Item), index + 1);
        AddItem(from, state, contains.Maximum == int.MaxValue ? item : _writer.Context.Sets.Union(item, contains.Item.Negate()), index + 1);
    }

    private int StateOf(State state)
    {
        if (_states.TryGetValue(state, out int known))
            return known;
        if (_states.Count == MaxStateCount)
            throw SchemaDocument.Fault(_path, $"the counts of an array need more than {MaxStateCount:N0} states; lower 'minItems', 'maxItems' or 'contains'");
        Builder.Regexes.Budget.Charge(1);
        int added = Builder.AddState(_rule);
        _states.Add(state, added);
        _unwritten.Enqueue(state);
        return added;
    }

    private readonly record struct State(int Count, int Used, int Matched0, int Matched1, int Matched23)
    {
        public int Matched(int index) => index switch { 0 => Matched0, 1 => Matched1, 2 => Matched23 & 0xFFFF, _ => Matched23 >> 16 };

        public State WithMatched(int index, int value) => index switch
        {
            0 => this with { Matched0 = value },
            1 => this with { Matched1 = value },
            2 => this with { Matched23 = (Matched23 & ~0xFFFF) | value },
            _ => this with { Matched23 = (Matched23 & 0xFFFF) | (value << 16) },
        };
    }
}
