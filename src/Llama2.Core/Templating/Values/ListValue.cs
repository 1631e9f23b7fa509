namespace Llama2.Templating.Values;

/// <summary>A list, a tuple, a range, or a view of a dict: a value whose items are all available.</summary>
internal sealed class ListValue : TemplateValue
{
    private readonly TemplateValue[] _items;

    public ListValue(TemplateValue[] items, ListKind kind = ListKind.List)
    {
        _items = items;
        Kind = kind;
        foreach (TemplateValue item in items)
            Depth = Math.Max(Depth, item.Depth);
        Depth++;
    }

    public ReadOnlySpan<TemplateValue> Items => _items;

    public int Count => _items.Length;

    public ListKind Kind { get; }

    /// <summary>The bounds of a range; null for the other kinds.</summary>
    public RangeBounds? Bounds { get; init; }

    /// <summary>Whether the list is one of the pairs that <c>groupby</c> returns, whose parts have the names <c>grouper</c> and <c>list</c>.</summary>
    public bool IsGroup { get; init; }

    /// <summary>Whether an item can be taken by its index.</summary>
    public bool IsIndexed => Kind is ListKind.List or ListKind.Tuple or ListKind.Range;

    public override string TypeName => Kind switch
    {
        ListKind.List => "list",
        ListKind.Tuple => "tuple",
        ListKind.Range => "range",
        ListKind.Keys => "dict_keys",
        ListKind.Values => "dict_values",
        _ => "dict_items",
    };

    public override bool IsTrue => _items.Length > 0;

    public override int Depth { get; }

    public static ListValue Tuple(params TemplateValue[] items) => new(items, ListKind.Tuple);

    /// <summary>The items themselves, to iterate over them.</summary>
    public IEnumerable<TemplateValue> AsEnumerable() => _items;
}
