namespace Llama2.Templating;

/// <summary>The variable <c>loop</c>: where a <c>for</c> is.</summary>
/// <param name="items">What the loop goes over.</param>
internal sealed class LoopValue(TemplateValue[] items) : TemplateValue
{
    public int Index { get; set; }

    public override string TypeName => "LoopContext";

    public override bool IsTrue => true;

    public TemplateValue? Find(string name) => name switch
    {
        "index" => IntegerValue.Of(Index + 1),
        "index0" => IntegerValue.Of(Index),
        "revindex" => IntegerValue.Of(items.Length - Index),
        "revindex0" => IntegerValue.Of(items.Length - Index - 1),
        "first" => BooleanValue.Of(Index == 0),
        "last" => BooleanValue.Of(Index == items.Length - 1),
        "length" => IntegerValue.Of(items.Length),
        // It counts recursive loops, which there are none of.
        "depth" => IntegerValue.Of(1),
        "depth0" => IntegerValue.Of(0),
        "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("there is no previous item"),
        "nextitem" => Index < items.Length - 1 ? items[Index + 1] : new UndefinedValue("there is no next item"),
        "cycle" => new FunctionValue("cycle", Cycle),
        _ => null,
    };

    private TemplateValue Cycle(RenderContext context, TemplateValue receiver, CallArguments arguments) =>
        arguments.Positional.Length == 0
            ? throw context.Fault("cycle() has nothing to choose from", remedy: "give it values")
            : arguments.Positional[Index % arguments.Positional.Length];
}
