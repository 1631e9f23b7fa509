using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>
/// The variable <c>loop</c>: the state of a <c>for</c>. Items are taken from their source one by one. If the template reads <c>nextitem</c> or the
/// number of items, items are taken earlier.
/// </summary>
/// <param name="context">The rendering.</param>
/// <param name="items">The items of the loop.</param>
/// <param name="count">The number of items; null if it is known only after all items have been taken.</param>
/// <param name="depth">The number of nested calls <c>loop(…)</c> that led to this loop; 0 for a loop that was not entered by such a call.</param>
/// <param name="recursion">The function that <c>loop(…)</c> calls; null if the loop is not recursive.</param>
internal sealed class LoopValue(RenderContext context, IEnumerable<TemplateValue> items, int? count, int depth, FunctionValue? recursion) : TemplateValue
{
    private readonly ItemStream _items = new(context, items);
    private readonly Queue<TemplateValue> _ahead = new();
    private int? _count = count;
    private int _index = -1;
    private TemplateValue? _previous, _changed;

    public TemplateValue Current { get; private set; } = NoneValue.Instance;

    public FunctionValue? Recursion => recursion;

    public override string TypeName => "LoopContext";

    public override bool IsTrue => Count() > 0;

    public string Description => $"<LoopContext {_index + 1}/{Count()}>";

    /// <summary>Advances to the next item; returns false after the last.</summary>
    public bool MoveNext()
    {
        if (!TryPeek(out TemplateValue? next))
            return false;
        _ahead.Dequeue();
        _previous = _index < 0 ? null : Current;
        Current = next!;
        _index++;
        return true;
    }

    public TemplateValue? Find(string name) => name switch
    {
        "index" => IntegerValue.Of(_index + 1),
        "index0" => IntegerValue.Of(_index),
        "revindex" => IntegerValue.Of(Count() - _index),
        "revindex0" => IntegerValue.Of(Count() - _index - 1),
        "first" => BooleanValue.Of(_index == 0),
        "last" => BooleanValue.Of(!TryPeek(out _)),
        "length" => IntegerValue.Of(Count()),
        "depth" => IntegerValue.Of(depth + 1),
        "depth0" => IntegerValue.Of(depth),
        "previtem" => _previous ?? new UndefinedValue("there is no previous item"),
        "nextitem" => TryPeek(out TemplateValue? next) ? next : new UndefinedValue("there is no next item"),
        "cycle" => new FunctionValue("cycle", Cycle),
        "changed" => new FunctionValue("changed", HasChanged),
        _ => null,
    };

    /// <summary>The total number of items.</summary>
    public int Count()
    {
        if (_count is null)
        {
            while (_items.TryTake(out TemplateValue item))
                _ahead.Enqueue(item);
            _count = _index + 1 + _ahead.Count;
        }

        return _count.Value;
    }

    private bool TryPeek(out TemplateValue? next)
    {
        if (_ahead.Count == 0 && _items.TryTake(out TemplateValue item))
            _ahead.Enqueue(item);
        return _ahead.TryPeek(out next);
    }

    private TemplateValue Cycle(RenderContext context, TemplateValue receiver, CallArguments arguments) =>
        arguments.Positional.Length == 0 || arguments.Keywords.Length > 0
            ? throw context.Fault("cycle() has nothing to choose from", remedy: "give it values")
            : arguments.Positional[_index % arguments.Positional.Length];

    private BooleanValue HasChanged(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        context.Step(arguments.Positional.Length);
        TemplateValue value = context.Nest(ListValue.Tuple(arguments.BindPositional(context, "changed()", 0, arguments.Positional.Length)!));
        if (_changed is not null && Comparer.AreEqual(context, _changed, value))
            return BooleanValue.Of(false);
        _changed = value;
        return BooleanValue.Of(true);
    }
}
