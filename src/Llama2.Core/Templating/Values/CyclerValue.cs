namespace Llama2.Templating.Values;

/// <summary>The result of <c>cycler()</c>: returns the given values in turn, again and again.</summary>
/// <param name="items">The values, at least one, as a tuple.</param>
internal sealed class CyclerValue(ListValue items) : TemplateValue
{
    private int _position;

    public override string TypeName => "Cycler";

    public override bool IsTrue => true;

    public TemplateValue? Find(string name) => name switch
    {
        "current" => items.Items[_position],
        "pos" => IntegerValue.Of(_position),
        "items" => items,
        "next" => new FunctionValue("next", (context, _, arguments) =>
        {
            arguments.BindPositional(context, "next()", 0, 0);
            TemplateValue current = items.Items[_position];
            _position = (_position + 1) % items.Count;
            return current;
        }),
        "reset" => new FunctionValue("reset", (context, _, arguments) =>
        {
            arguments.BindPositional(context, "reset()", 0, 0);
            _position = 0;
            return NoneValue.Instance;
        }),
        _ => null,
    };
}
