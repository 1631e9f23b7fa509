using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Creates sets of schemas. The schemas of a document form finitely many sets, so the number of rules is finite even if schemas are recursive. Not
/// thread-safe.
/// </summary>
internal sealed class SchemaSets
{
    public const int MaxCount = 5_000;

    /// <summary>The maximum number of schemas in a set.</summary>
    public const int MaxSize = 1_000;

    private readonly Dictionary<Key, SchemaSet> _sets = [];
    private readonly Dictionary<SchemaLiteral, SchemaSet> _single = [];
    private readonly List<SchemaLiteral> _sorted = [];
    private readonly GrammarBudget _budget;

    /// <param name="budget">Counts the work.</param>
    public SchemaSets(GrammarBudget budget)
    {
        _budget = budget;
        Any = Intern([]);
        None = Intern([SchemaLiteral.None]);
    }

    /// <summary>The set that every value matches.</summary>
    public SchemaSet Any { get; }

    /// <summary>A set that no value matches.</summary>
    public SchemaSet None { get; }

    public SchemaSet Of(params ReadOnlySpan<SchemaLiteral> literals)
    {
        _budget.Charge(1 + (literals.Length / 4));
        List<SchemaLiteral> sorted = _sorted;
        sorted.Clear();
        foreach (SchemaLiteral literal in literals)
        {
            if (literal == SchemaLiteral.None)
                return None;
            if (literal != SchemaLiteral.Any)
                sorted.Add(literal);
        }

        if (sorted.Count == 1)
            return OfOne(sorted[0]);
        sorted.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        for (int i = sorted.Count - 1; i > 0; i--)
        {
            if (sorted[i] == sorted[i - 1])
                sorted.RemoveAt(i);
            else if (sorted[i].Node == sorted[i - 1].Node)
                return None;
        }

        GrammarLimitException.ThrowIfAbove(sorted.Count, MaxSize, "schemas that apply to one value");
        return Intern([.. sorted]);
    }

    // Most sets have one schema; they are found without allocation.
    private SchemaSet OfOne(SchemaLiteral literal)
    {
        if (!_single.TryGetValue(literal, out SchemaSet? set))
            _single.Add(literal, set = Intern([literal]));
        return set;
    }

    /// <summary>The set that a value matches if the value matches both given sets.</summary>
    public SchemaSet Union(SchemaSet left, SchemaSet right) =>
        left.IsAny || left == right ? right : right.IsAny ? left : Of([.. left.Literals, .. right.Literals]);

    public SchemaSet Union(SchemaSet left, SchemaLiteral right) =>
        right == SchemaLiteral.Any ? left : Of([.. left.Literals, right]);

    private SchemaSet Intern(SchemaLiteral[] literals)
    {
        var key = new Key(literals);
        if (!_sets.TryGetValue(key, out SchemaSet? set))
        {
            GrammarLimitException.ThrowIfAbove(_sets.Count, MaxCount, "combinations of schemas");
            _budget.Charge(3);
            _sets.Add(key, set = new SchemaSet(_sets.Count, literals));
        }

        return set;
    }

    private readonly record struct Key(SchemaLiteral[] Literals)
    {
        public bool Equals(Key other) => Literals.AsSpan().SequenceEqual(other.Literals);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (SchemaLiteral literal in Literals)
                hash.Add(literal.Id);
            return hash.ToHashCode();
        }
    }
}
