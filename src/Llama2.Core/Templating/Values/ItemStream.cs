using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Items that are made one by one while they are asked for. Making one may take from other streams, but not from this one.</summary>
/// <param name="context">The rendering.</param>
/// <param name="items">What makes the items.</param>
internal sealed class ItemStream(RenderContext context, IEnumerable<TemplateValue> items)
{
    private readonly IEnumerator<TemplateValue> _items = items.GetEnumerator();
    private bool _isTaking;

    /// <summary>The next item; false after the last.</summary>
    /// <exception cref="PromptTemplateException">The stream is asked from within the making of its own item, or streams take from each other too deep.</exception>
    public bool TryTake(out TemplateValue item)
    {
        if (_isTaking)
            throw context.Fault("a generator or loop is asked for an item by what makes its items", "as in Python, it cannot be while it makes one");
        // A stream that takes from a stream stands on the stack, as a call does.
        context.EnterCall(1);
        _isTaking = true;
        bool hasItem = _items.MoveNext();
        _isTaking = false;
        context.LeaveCall(1);
        item = hasItem ? _items.Current : NoneValue.Instance;
        return hasItem;
    }
}
