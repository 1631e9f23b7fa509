using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// The properties that an object may have: those that are declared by name, and classes of other names. A class consists of the names that match the
/// same patterns.
/// </summary>
internal sealed class ObjectNames
{
    /// <summary>The maximum number of patterns. There can be a class for each combination of patterns.</summary>
    public const int MaxPatternCount = 6;

    private readonly RuleWriter _writer;
    private readonly ObjectShape _shape;
    private readonly List<ObjectProperty> _declared = [];
    private readonly Dictionary<SchemaSet, RegexNode> _others = [];
    private readonly RegexNode[] _patterns;

    public ObjectNames(RuleWriter writer, ObjectShape shape, string path)
    {
        _writer = writer;
        _shape = shape;
        RegexFactory regexes = writer.Context.Regexes;
        RegexNode allowed = writer.Context.Texts.AnyText;
        foreach (SchemaLiteral name in shape.Names)
            allowed = regexes.Both(allowed, writer.ShapesOf(writer.Context.Sets.Of(name)).Texts);

        var required = new HashSet<string>(shape.Required);
        string[] names = [.. shape.Clauses.SelectMany(clause => clause.Names).Concat(shape.Required).Distinct()];
        foreach (string name in names)
            Declare(name, required.Contains(name), allowed);

        _patterns = [.. shape.Clauses.SelectMany(clause => clause.Patterns).Select(pattern => pattern.Pattern).Distinct()];
        if (_patterns.Length > MaxPatternCount)
            throw SchemaDocument.Fault(path, $"an object has more than {MaxPatternCount} different patterns for the names of properties; the limit protects time and memory");
        RegexNode? others = null;
        for (int matched = 0; matched < 1 << _patterns.Length; matched++)
        {
            SchemaSet value = ValueOf(matched);
            if (!value.IsNone)
                AddOthers(others ??= regexes.Except(allowed, regexes.Either([.. names.Select(writer.Context.Texts.Literal)])), matched, value);
        }
    }

    /// <summary>The declared properties that may be present, in order.</summary>
    public IReadOnlyList<ObjectProperty> Declared => _declared;

    /// <summary>The other names: for each set of schemas, the expression that matches the names of the properties whose values must match this set.</summary>
    public IReadOnlyDictionary<SchemaSet, RegexNode> Others => _others;

    /// <summary>The index after the last required property in <see cref="Declared"/>.</summary>
    public int RequiredEnd { get; private set; }

    /// <summary>Whether it is possible that all required properties are present.</summary>
    public bool IsSatisfiable { get; private set; } = true;

    private void Declare(string name, bool isRequired, RegexNode allowed)
    {
        _writer.Context.Regexes.Budget.Charge(4);
        SchemaSet value = _shape.ValueOf(name, _writer.Context);
        bool isPossible = !value.IsNone && (_shape.Names.IsEmpty || _writer.Context.Search.IsMatch(allowed, JsonText.Escape(name)));
        if (isPossible)
        {
            _declared.Add(new ObjectProperty(_writer.Context.Texts.Literal(name), value, isRequired));
            RequiredEnd = isRequired ? _declared.Count : RequiredEnd;
        }
        else if (isRequired)
        {
            IsSatisfiable = false;
        }
    }

    // Adds the names that match all of the given patterns and none of the others.
    private void AddOthers(RegexNode names, int matched, SchemaSet value)
    {
        RegexFactory regexes = _writer.Context.Regexes;
        names = regexes.Both([names, .. _patterns.Select((pattern, index) => (matched & (1 << index)) != 0 ? pattern : regexes.Not(pattern))]);
        if (!_writer.Context.Search.IsEmpty(names))
            _others[value] = _others.TryGetValue(value, out RegexNode? others) ? regexes.Either(others, names) : names;
    }

    private SchemaSet ValueOf(int matched)
    {
        SchemaSets sets = _writer.Context.Sets;
        SchemaSet value = sets.Any;
        foreach (PropertiesConstraint clause in _shape.Clauses)
        {
            bool isMatched = false;
            foreach ((RegexNode pattern, SchemaLiteral literal) in clause.Patterns)
            {
                if ((matched & (1 << Array.IndexOf(_patterns, pattern))) == 0)
                    continue;
                isMatched = true;
                value = sets.Union(value, literal);
            }

            if (!isMatched)
                value = sets.Union(value, clause.Additional);
        }

        return value;
    }
}
