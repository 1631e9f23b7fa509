namespace Llama2.Templating;

/// <summary>
/// What <c>map</c>, <c>select</c> and their like give: items that are made one by one while they are asked for, and only once. It has no
/// length, no index, and <c>if</c> always takes it for true, as Python has it.
/// </summary>
/// <param name="context">The rendering.</param>
/// <param name="items">What makes the items.</param>
internal sealed class GeneratorValue(RenderContext context, IEnumerable<TemplateValue> items) : TemplateValue
{
    // Steps that a generator is charged: with what it takes from it has about 500 bytes.
    private const int StepCount = 16;

    private readonly ItemStream _items = Charge(context, items);

    public override string TypeName => "generator";

    public override bool IsTrue => true;

    /// <summary>The next item; false after the last.</summary>
    public bool TryTake(out TemplateValue item) => _items.TryTake(out item);

    private static ItemStream Charge(RenderContext context, IEnumerable<TemplateValue> items)
    {
        context.Step(StepCount);
        return new ItemStream(context, items);
    }
}
