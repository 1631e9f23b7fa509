namespace Llama2.Grammar.Schemas;

/// <summary>
/// Tries to prove that no value matches a set of schemas. It examines types, bounds, expressions and counts, and it also examines, recursively, the
/// values of required properties and items. Not thread-safe.
/// </summary>
internal sealed class Satisfiability
{
    private const int MaxDepth = 24;

    /// <summary>
    /// The maximum number of pairs of schemas that are examined for a value that matches both. A pair is not counted if the signatures of its schemas
    /// already prove that there is no such value.
    /// </summary>
    private const int MaxPairCount = 1_500;

    private readonly Dictionary<SchemaSet, bool> _known = [];
    private readonly HashSet<SchemaSet> _open = [];
    private readonly ShapeContext _context;
    private readonly ShapeExpander _expander;
    private readonly Dictionary<SchemaNode, BranchSignature> _signatures = [];
    private int _pairCount;

    public Satisfiability(ShapeContext context, KeywordReader reader)
    {
        _context = context;
        _expander = new ShapeExpander(context, reader, satisfiability: null);
    }

    /// <summary>Whether it can be proved that no value matches both schemas.</summary>
    public bool AreDisjoint(SchemaLiteral left, SchemaLiteral right)
    {
        _context.Regexes.Budget.Charge(1);
        if (left is { Node: not null, IsAsserted: true } && right is { Node: not null, IsAsserted: true } && SignatureOf(left.Node).IsDisjointFrom(SignatureOf(right.Node)))
            return true;
        return ++_pairCount <= MaxPairCount && !IsSatisfiable(_context.Sets.Of(left, right));
    }

    /// <summary>Whether any value can match a set of schemas; false only if it is proved that none can.</summary>
    public bool IsSatisfiable(SchemaSet set)
    {
        if (set.IsAny || set.IsNone)
            return set.IsAny;
        if (_known.TryGetValue(set, out bool known))
            return known;
        if (_open.Count >= MaxDepth || !_open.Add(set))
            return true;
        try
        {
            return _known[set] = _expander.Expand(set).Any(IsSatisfiable);
        }
        finally
        {
            _open.Remove(set);
        }
    }

    /// <summary>Whether any value can have the shape; false only if it is proved that none can.</summary>
    public bool IsSatisfiable(Shape shape) =>
        (shape.Types & (JsonTypes.Null | JsonTypes.Boolean)) != 0
        || ((shape.Types & JsonTypes.String) != 0 && !_context.Search.IsEmpty(shape.Text))
        || ((shape.Types & JsonTypes.Number) != 0 && !_context.Search.IsEmpty(shape.Number.ToRegex(shape.Types, _context)))
        || ((shape.Types & JsonTypes.Array) != 0 && IsSatisfiable(shape.Array))
        || ((shape.Types & JsonTypes.Object) != 0 && IsSatisfiable(shape.Object));

    private BranchSignature SignatureOf(SchemaNode node)
    {
        if (!_signatures.TryGetValue(node, out BranchSignature? signature))
            _signatures.Add(node, signature = new BranchSignature(node));
        return signature;
    }

    private bool IsSatisfiable(ArrayShape array)
    {
        for (int i = 0; i < array.MinCount && i <= array.Prefix.Length; i++)
        {
            if (!IsSatisfiable(array.ItemAt(i)))
                return false;
        }

        foreach (ContainsConstraint contains in array.Contains)
        {
            if (contains.Minimum > array.MaxCount - contains.Start)
                return false;
            bool isPossible = contains.Minimum == 0;
            for (int i = contains.Start; !isPossible && i <= Math.Max(array.Prefix.Length, contains.Start) && i < array.MaxCount; i++)
                isPossible = IsSatisfiable(_context.Sets.Union(array.ItemAt(i), contains.Item));
            if (!isPossible)
                return false;
        }

        return array.MinCount <= array.MaxCount;
    }

    private bool IsSatisfiable(ObjectShape value) =>
        value.MinCount <= value.MaxCount && value.Required.Length <= value.MaxCount && value.Required.All(name => IsSatisfiable(value.ValueOf(name, _context)));
}
