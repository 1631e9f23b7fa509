namespace Llama2.Templating;

/// <summary>What <c>cycler()</c> gives: values in turn, over and over.</summary>
/// <param name="items">The values, at least one.</param>
internal sealed class CyclerValue(TemplateValue[] items) : TemplateValue
{
    private int _position;

    public override string TypeName => "Cycler";

    public override bool IsTrue => true;

    public TemplateValue? Find(string name) => name switch
    {
        "current" => items[_position],
        "pos" => IntegerValue.Of(_position),
        "items" => ListValue.Tuple(items),
        "next" => new FunctionValue("next", (context, _, arguments) =>
        {
            arguments.BindPositional(context, "next()", 0, 0);
            TemplateValue current = items[_position];
            _position = (_position + 1) % items.Length;
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
