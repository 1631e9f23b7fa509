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

    private readonly IEnumerator<TemplateValue> _items = Charge(context, items).GetEnumerator();

    public override string TypeName => "generator";

    public override bool IsTrue => true;

    /// <summary>The next item; false after the last.</summary>
    public bool TryTake(out TemplateValue item)
    {
        // A generator that takes from a generator stands on the stack, as a call does.
        context.EnterCall(1);
        bool hasItem = _items.MoveNext();
        context.LeaveCall(1);
        item = hasItem ? _items.Current : NoneValue.Instance;
        return hasItem;
    }

    private static IEnumerable<TemplateValue> Charge(RenderContext context, IEnumerable<TemplateValue> items)
    {
        context.Step(StepCount);
        return items;
    }
}
