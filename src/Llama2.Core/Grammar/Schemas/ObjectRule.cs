using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Writes the automaton of an object into a rule: the declared properties in their order, each at most once, then other properties. A state holds the
/// next declared property, and the number of properties so far, up to the highest number that makes a difference. It also holds which witnesses have
/// been found. A witness is a property that must exist although its exact name is not given.
/// </summary>
internal sealed class ObjectRule
{
    private const int MaxWitnessCount = 3;

    private readonly RuleWriter _writer;
    private readonly ObjectShape _shape;
    private readonly string _path;
    private readonly int _rule;
    private readonly ObjectNames _names;
    private readonly RegexNode[] _witnesses;
    private readonly int _minCount, _maxCount;
    private readonly Dictionary<State, int> _states = [];
    private readonly Queue<State> _unwritten = [];

    public ObjectRule(RuleWriter writer, ObjectShape shape, string path, int rule)
    {
        _writer = writer;
        _shape = shape;
        _path = path;
        _rule = rule;
        if (shape.Witnesses.Length > MaxWitnessCount)
            throw SchemaDocument.Fault(path, $"because of negated schemas, an object must have more than {MaxWitnessCount} properties whose names are not given; simplify 'not' or 'oneOf'");
        _names = new ObjectNames(writer, shape, path);
        _witnesses = [.. shape.Witnesses.Select(witness => witness.ToRegex(writer.Context, set => writer.ShapesOf(set).Texts))];
        int requiredCount = _names.Declared.Count(property => property.IsRequired);
        _minCount = shape.MinCount <= requiredCount ? 0 : shape.MinCount;
        _maxCount = _names.Others.Count == 0 && shape.MaxCount >= _names.Declared.Count ? int.MaxValue : shape.MaxCount;
    }

    private GrammarBuilder Builder => _writer.Builder;

    /// <summary>Writes the automaton, from the start state of the rule to the given state.</summary>
    public void Write(int end)
    {
        if (!_names.IsSatisfiable)
            return;
        // A model may write the same undeclared name twice, so all undeclared properties together count as one property towards the minimum.
        if (_names.Others.Count > 0 && _minCount > _names.Declared.Count + 1)
            throw SchemaDocument.Fault(_path, $"'minProperties' of {_shape.MinCount} needs two or more undeclared properties, and a model could write the same name for them; declare more properties in 'properties'");
        int opened = Builder.AddState(_rule);
        Builder.AddLexeme(Builder.StartOf(_rule), _writer.Tokens.OpenObject, opened);
        var empty = new State(0, IsAfterValue: false, 0, 0, 0, IsClosed: false);
        if (MayEnd(empty))
            Builder.AddLexeme(opened, _writer.Tokens.CloseObject, end);
        Builder.AddEmpty(opened, StateOf(empty));
        while (_unwritten.TryDequeue(out State state))
        {
            if (!state.IsAfterValue)
            {
                AddProperty(_states[state], state);
                continue;
            }

            if (MayEnd(state))
                Builder.AddLexeme(_states[state], _writer.Tokens.CloseObject, end);
            if (state.DeclaredCount + state.OtherCount < _maxCount && (state.Next < _names.Declared.Count || (_names.Others.Count > 0 && !state.IsClosed)))
                Builder.AddLexeme(_states[state], _writer.Tokens.Comma, StateOf(state with { IsAfterValue = false }));
        }
    }

    private bool MayEnd(State state) =>
        state.Next >= _names.RequiredEnd
        && state.DeclaredCount + Math.Min(state.OtherCount, 1) >= _minCount
        && state.Witnessed == (1 << _witnesses.Length) - 1;

    private void AddProperty(int from, State state)
    {
        if (state.DeclaredCount + state.OtherCount >= _maxCount)
            return;
        if (state.Next < _names.Declared.Count)
        {
            ObjectProperty property = _names.Declared[state.Next];
            State after = state with { Next = state.Next + 1, IsAfterValue = true, DeclaredCount = Math.Min(state.DeclaredCount + 1, CountCap) };
            AddWitnessed(property.Key, property.Value, after, 0, (key, value, next) => AddPair(from, key, value, next));
            if (!property.IsRequired)
                Builder.AddEmpty(from, StateOf(state with { Next = state.Next + 1 }));
            return;
        }

        // An undeclared property that is needed as a witness must be the last one, so that no later property can repeat its name.
        State other = state with { IsAfterValue = true, OtherCount = Math.Min(state.OtherCount + 1, _maxCount < int.MaxValue ? _maxCount : Math.Min(_minCount, 1)) };
        foreach ((SchemaSet value, RegexNode key) in _names.Others)
        {
            AddWitnessed(key, value, other, 0, (matching, all, next) =>
            {
                if (next.Witnessed == state.Witnessed)
                    AddPair(from, key, value, next);
                else
                    AddPair(from, matching, all, next with { IsClosed = true });
            });
        }
    }

    private int CountCap => _maxCount < int.MaxValue ? _maxCount : _minCount;

    // For each witness that has not been found, adds the possible alternatives: a property that counts as this witness, and one that does not.
    private void AddWitnessed(RegexNode key, SchemaSet value, State next, int index, Action<RegexNode, SchemaSet, State> add)
    {
        if (index == _witnesses.Length)
        {
            add(key, value, next);
            return;
        }

        AddWitnessed(key, value, next, index + 1, add);
        if ((next.Witnessed & (1 << index)) != 0)
            return;
        RegexNode matching = _writer.Context.Regexes.Both(key, _witnesses[index]);
        if (!_writer.Context.Search.IsEmpty(matching))
            AddWitnessed(matching, _writer.Context.Sets.Union(value, _shape.Witnesses[index].Value), next with { Witnessed = next.Witnessed | (1 << index) }, index + 1, add);
    }

    private void AddPair(int from, RegexNode key, SchemaSet value, State next)
    {
        if (value.IsNone)
            return;
        Builder.Regexes.Budget.Charge(3);
        int afterKey = Builder.AddState(_rule);
        Builder.AddLexeme(from, _writer.Tokens.Key(key), afterKey);
        _writer.AddValue(afterKey, value, StateOf(next));
    }

    private int StateOf(State state)
    {
        if (_states.TryGetValue(state, out int known))
            return known;
        if (_states.Count == ArrayRule.MaxStateCount)
            throw SchemaDocument.Fault(_path, $"the properties of an object need more than {ArrayRule.MaxStateCount:N0} states; lower 'minProperties' or 'maxProperties'");
        Builder.Regexes.Budget.Charge(2);
        int added = Builder.AddState(_rule);
        _states.Add(state, added);
        _unwritten.Enqueue(state);
        return added;
    }

    private readonly record struct State(int Next, bool IsAfterValue, int DeclaredCount, int OtherCount, int Witnessed, bool IsClosed);
}
