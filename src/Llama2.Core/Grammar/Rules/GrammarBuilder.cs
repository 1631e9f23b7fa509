using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Rules;

/// <summary>
/// Collects the rules of a grammar. The right side of a rule is a finite automaton over lexemes and rules, so that lists, options and counts need no
/// rules of their own. The automaton is given either as an expression or state by state. Not thread-safe.
/// </summary>
internal sealed class GrammarBuilder
{
    /// <summary>The maximum number of states of all rules together. The number of transitions of each kind has the same maximum.</summary>
    public const int MaxStateCount = 300_000;

    private readonly List<int> _starts = [];
    private readonly List<int> _ruleOf = [];
    private readonly List<bool> _areFinal = [];
    private readonly List<(int From, int To)> _empty = [];
    private readonly List<(int From, int Symbol, int To)> _lexemeMoves = [];
    private readonly List<(int From, int Symbol, int To)> _ruleMoves = [];
    private readonly List<RegexNode> _lexemes = [];
    private readonly Dictionary<RegexNode, int> _lexemeIds = [];
    private readonly List<(string? Source, object? Place)> _places = [];
    private ByteClasses? _classes;
    private GrammarRules? _rules;

    public GrammarBuilder(RegexFactory regexes) => Regexes = regexes;

    /// <summary>Creates the lexemes.</summary>
    public RegexFactory Regexes { get; }

    /// <summary>
    /// For error messages: a description of the schema from which the next lexemes are made, if the grammar contains several schemas; otherwise null.
    /// </summary>
    public string? Source { get; set; }

    /// <summary>
    /// For error messages: the place in the schema from which the next lexemes are made, as an object that <see cref="object.ToString"/> turns into
    /// text; null if there is no schema.
    /// </summary>
    public object? Place { get; set; }

    public int RuleCount => _starts.Count;

    public int StateCount => _ruleOf.Count;

    /// <summary>Adds a rule without a right side. The first rule is the start of the grammar.</summary>
    /// <returns>The number of the rule.</returns>
    public int AddRule()
    {
        int rule = _starts.Count;
        _starts.Add(-1);
        _starts[rule] = AddState(rule);
        return rule;
    }

    /// <summary>The state in which a rule begins.</summary>
    public int StartOf(int rule) => _starts[rule];

    /// <summary>Adds an alternative to the right side of a rule.</summary>
    public void Define(int rule, RuleExpression body) => SetFinal(AddPath(StartOf(rule), body));

    /// <summary>Adds a state to a rule's automaton.</summary>
    public int AddState(int rule)
    {
        GrammarLimitException.ThrowIfAbove(_ruleOf.Count, MaxStateCount, "states in the rules");
        Regexes.Budget.Charge(1);
        _ruleOf.Add(rule);
        _areFinal.Add(false);
        return _ruleOf.Count - 1;
    }

    /// <summary>Marks a state as one in which its rule may end.</summary>
    public void SetFinal(int state) => _areFinal[state] = true;

    /// <summary>Adds a transition that reads nothing.</summary>
    public void AddEmpty(int from, int to)
    {
        GrammarLimitException.ThrowIfAbove(_empty.Count, MaxStateCount, "transitions in the rules");
        Regexes.Budget.Charge(1);
        _empty.Add((from, to));
    }

    /// <summary>Adds a transition that reads a lexeme. Adds no transition if the lexeme matches nothing.</summary>
    public void AddLexeme(int from, RegexNode lexeme, int to)
    {
        if (lexeme == Regexes.Nothing)
            return;
        if (lexeme == Regexes.Empty)
        {
            AddEmpty(from, to);
            return;
        }

        if (lexeme.IsNullable)
        {
            // The parser needs lexemes of at least one byte, so the empty text gets a transition of its own.
            AddEmpty(from, to);
            lexeme = Regexes.Both(lexeme, Regexes.Sequence(Regexes.AnyByte, Regexes.Anything));
        }

        if (!_lexemeIds.TryGetValue(lexeme, out int id))
        {
            _lexemeIds.Add(lexeme, id = _lexemes.Count);
            _lexemes.Add(lexeme);
            _places.Add((Source, Place));
        }

        GrammarLimitException.ThrowIfAbove(_lexemeMoves.Count, MaxStateCount, "transitions in the rules");
        Regexes.Budget.Charge(1);
        _lexemeMoves.Add((from, id, to));
    }

    /// <summary>Adds a transition that reads a text that another rule derives.</summary>
    public void AddRule(int from, int rule, int to)
    {
        GrammarLimitException.ThrowIfAbove(_ruleMoves.Count, MaxStateCount, "transitions in the rules");
        Regexes.Budget.Charge(1);
        _ruleMoves.Add((from, rule, to));
    }

    /// <summary>Adds the states and transitions of an expression, starting at the given state.</summary>
    /// <returns>The state after the expression.</returns>
    public int AddPath(int from, RuleExpression expression)
    {
        int rule = _ruleOf[from];
        switch (expression.Kind)
        {
            case RuleExpressionKind.Lexeme:
                int next = AddState(rule);
                AddLexeme(from, expression.Lexeme!, next);
                return next;
            case RuleExpressionKind.Rule:
                next = AddState(rule);
                AddRule(from, expression.Rule, next);
                return next;
            case RuleExpressionKind.Sequence:
                foreach (RuleExpression part in expression.Parts)
                    from = AddPath(from, part);
                return from;
            case RuleExpressionKind.Choice:
                int end = AddState(rule);
                foreach (RuleExpression part in expression.Parts)
                {
                    int start = AddState(rule);
                    AddEmpty(from, start);
                    AddEmpty(AddPath(start, part), end);
                }

                return end;
            default:
                return AddRepeat(from, expression);
        }
    }

    /// <summary>Checks the rules and translates them into tables. This is done only once, so nothing may be added afterwards.</summary>
    /// <param name="classes">The byte classes of the expressions. The classes also distinguish between bytes with different roles in UTF-8.</param>
    /// <exception cref="UnsatisfiableGrammarException">No text matches the grammar.</exception>
    public GrammarRules Build(out ByteClasses classes)
    {
        if (_rules is null)
        {
            foreach (ByteSet set in Utf8Position.ByteSets)
                Regexes.Distinguish(set);
            Regexes.Budget.Charge(20 * Regexes.ByteSets.Count);
            _classes = new ByteClasses(Regexes.ByteSets);
            _rules = new GrammarRules(this, Regexes, _classes);
            Regexes.EndBuilding();
        }

        classes = _classes!;
        return _rules;
    }

    /// <summary>A copy of an exception that also states the place of the lexeme that exceeded a limit.</summary>
    internal GrammarLimitException Locate(int lexeme, GrammarLimitException exception) =>
        new(exception.Message, _places[lexeme].Source, _places[lexeme].Place?.ToString());

    internal int[] Starts => [.. _starts];

    internal int[] RuleOfStates => [.. _ruleOf];

    internal bool[] AreFinal => [.. _areFinal];

    internal IReadOnlyList<(int From, int To)> EmptyMoves => _empty;

    internal IReadOnlyList<(int From, int Symbol, int To)> LexemeMoves => _lexemeMoves;

    internal IReadOnlyList<(int From, int Symbol, int To)> RuleMoves => _ruleMoves;

    internal RegexNode[] Lexemes => [.. _lexemes];

    private int AddRepeat(int from, RuleExpression expression)
    {
        RuleExpression part = expression.Parts[0];
        int rule = _ruleOf[from];
        if (part.Kind is not (RuleExpressionKind.Lexeme or RuleExpressionKind.Rule) && expression.Maximum is > 1 and < int.MaxValue)
        {
            // The states of the part are copied for each repetition. If the part has a rule of its own, each copy is only one symbol.
            int own = AddRule();
            Define(own, part);
            part = RuleExpression.OfRule(own);
        }

        for (int i = 0; i < expression.Minimum; i++)
            from = AddPath(from, part);
        int start = AddState(rule);
        AddEmpty(from, start);
        if (expression.Maximum == int.MaxValue)
        {
            AddEmpty(AddPath(start, part), start);
            return start;
        }

        int end = AddState(rule);
        for (int i = expression.Minimum; i < expression.Maximum; i++)
        {
            AddEmpty(start, end);
            start = AddPath(start, part);
        }

        AddEmpty(start, end);
        return end;
    }
}
