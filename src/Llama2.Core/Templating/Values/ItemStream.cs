using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Items that are computed one by one on demand. The code that computes an item may read from other streams, but not from this stream.</summary>
/// <param name="context">The rendering.</param>
/// <param name="items">The source of the items.</param>
internal sealed class ItemStream(RenderContext context, IEnumerable<TemplateValue> items)
{
    private readonly IEnumerator<TemplateValue> _items = items.GetEnumerator();
    private bool _isTaking;

    /// <summary>Takes the next item; returns false after the last.</summary>
    /// <exception cref="PromptTemplateException">
    /// The stream is read while it computes its own item, or streams that read from each other are nested too deep.
    /// </exception>
    public bool TryTake(out TemplateValue item)
    {
        if (_isTaking)
            throw context.Fault("a generator or loop is read by the code that computes its items", "as in Python, it cannot be read while it computes an item");
        // A stream that reads from another stream takes stack space, like a call.
        context.EnterCall(1);
        _isTaking = true;
        bool hasItem = _items.MoveNext();
        _isTaking = false;
        context.LeaveCall(1);
        item = hasItem ? _items.Current : NoneValue.Instance;
        return hasItem;
    }
}
