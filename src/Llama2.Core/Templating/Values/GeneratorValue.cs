using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>
/// What <c>map</c>, <c>select</c> and their like give: items that are made one by one while they are asked for, and only once. It has no
/// length and no index, and is always true in a condition, as in Python.
/// </summary>
/// <param name="context">The rendering.</param>
/// <param name="items">What makes the items.</param>
internal sealed class GeneratorValue(RenderContext context, IEnumerable<TemplateValue> items) : TemplateValue
{
    // Steps charged for a generator, which takes about 500 bytes together with its source.
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
