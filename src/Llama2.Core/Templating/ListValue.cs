namespace Llama2.Templating;

/// <summary>A list or a tuple.</summary>
internal sealed class ListValue : TemplateValue
{
    private readonly TemplateValue[] _items;

    public ListValue(TemplateValue[] items, bool isTuple = false)
    {
        _items = items;
        IsTuple = isTuple;
        foreach (TemplateValue item in items)
            Depth = Math.Max(Depth, item.Depth);
        Depth++;
    }

    public ReadOnlySpan<TemplateValue> Items => _items;

    public int Count => _items.Length;

    public bool IsTuple { get; }

    public override string TypeName => IsTuple ? "tuple" : "list";

    public override bool IsTrue => _items.Length > 0;

    public override int Depth { get; }
}
