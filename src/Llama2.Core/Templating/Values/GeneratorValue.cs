using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>
/// The result of filters such as <c>map</c> and <c>select</c>: items that are computed one by one on demand, and can be read only once. As in Python,
/// a generator has no length, its items cannot be taken by an index, and it is always true in a condition.
/// </summary>
/// <param name="context">The rendering.</param>
/// <param name="items">The source of the items.</param>
internal sealed class GeneratorValue(RenderContext context, IEnumerable<TemplateValue> items) : TemplateValue
{
    // The number of steps that are charged for a generator, because it takes about 500 bytes together with its source.
    private const int StepCount = 16;

    private readonly ItemStream _items = Charge(context, items);

    public override string TypeName => "generator";

    public override bool IsTrue => true;

    /// <summary>Takes the next item; returns false after the last.</summary>
    public bool TryTake(out TemplateValue item) => _items.TryTake(out item);

    private static ItemStream Charge(RenderContext context, IEnumerable<TemplateValue> items)
    {
        context.Step(StepCount);
        return new ItemStream(context, items);
    }
}
