namespace Llama2.Templating;

/// <summary>Filters of whatever has items.</summary>
internal static class ListFilters
{
    public static TemplateValue Length(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "length");
        return IntegerValue.Of(value switch
        {
            TextValue text => new CodePoints(context, text.Text).Count,
            DictionaryValue dictionary => dictionary.Count,
            _ => Iteration.Items(context, value).Length,
        });
    }

    public static TemplateValue First(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "first");
        if (value is TextValue text)
            return Members.Item(context, text, IntegerValue.Of(0));
        return Iteration.Items(context, value) is [var first, ..] ? first : new UndefinedValue("no first item, the sequence was empty");
    }

    public static TemplateValue Last(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "last");
        if (value is TextValue text)
            return Members.Item(context, text, IntegerValue.Of(-1));
        return Iteration.Items(context, value) is [.., var last] ? last : new UndefinedValue("no last item, the sequence was empty");
    }

    public static TemplateValue ToList(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "list");
        ReadOnlySpan<TemplateValue> items = Iteration.Items(context, value);
        context.Step(items.Length);
        return new ListValue(items.ToArray());
    }

    public static TemplateValue Items(RenderContext context, TemplateValue value, CallArguments arguments) => value switch
    {
        UndefinedValue => new ListValue([]),
        DictionaryValue => DictionaryMethods.Items(context, value, arguments),
        _ => throw context.Fault($"items is given {value.TypeName}", "only dicts have them"),
    };

    public static TemplateValue Reverse(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        arguments.Bind(context, "reverse");
        if (value is TextValue)
            return Slicing.Apply(context, value, NoneValue.Instance, NoneValue.Instance, IntegerValue.Of(-1));
        ReadOnlySpan<TemplateValue> items = Iteration.Items(context, value);
        context.Step(items.Length);
        TemplateValue[] reversed = items.ToArray();
        Array.Reverse(reversed);
        return new ListValue(reversed);
    }

    public static TemplateValue Join(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "join", "d", "attribute");
        TextValue separator = PythonText.Of(context, bound[0] ?? TextValue.Empty);
        ReadOnlySpan<TemplateValue> items = Iteration.Items(context, value);
        return TextMethods.Join(context, separator, bound[1] is TemplateValue attribute ? SortingFilters.Keys(context, items, attribute) : items);
    }

    public static TemplateValue Batch(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "batch", "linecount", "fill_with");
        ReadOnlySpan<TemplateValue> items = Iteration.Items(context, value);
        long size = Numbers.Require(context, bound[0] ?? throw context.Fault("batch is given no size"), "batch's size", 0);
        if (size < 1)
            throw context.Fault($"batch's size is {size}", "it is at least 1");
        context.Step(2L * items.Length);
        var batches = new List<TemplateValue>();
        for (int start = 0; start < items.Length; start += (int)Math.Min(size, items.Length))
        {
            ReadOnlySpan<TemplateValue> batch = items[start..(int)Math.Min(start + size, items.Length)];
            batches.Add(context.Nest(new ListValue(batch.Length < size && bound[1] is not (null or NoneValue) ? Fill(batch, size, bound[1]!) : batch.ToArray())));
        }

        return context.Nest(new ListValue([.. batches]));

        TemplateValue[] Fill(ReadOnlySpan<TemplateValue> batch, long size, TemplateValue filling)
        {
            context.Step(size);
            var filled = new TemplateValue[size];
            Array.Fill(filled, filling);
            batch.CopyTo(filled);
            return filled;
        }
    }

    /// <summary>The items without those that equal an earlier one, letters' case aside unless asked.</summary>
    public static TemplateValue Unique(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "unique", "case_sensitive", "attribute");
        bool isCaseSensitive = bound[0]?.IsTrue ?? false;
        var kept = new List<TemplateValue>();
        var keys = new List<TemplateValue>();
        foreach (TemplateValue item in Iteration.Items(context, value))
        {
            TemplateValue key = SortingFilters.Fold(context, SortingFilters.Key(context, item, bound[1]), isCaseSensitive);
            if (!keys.Exists(other => Comparer.AreEqual(context, key, other)))
            {
                keys.Add(key);
                kept.Add(item);
            }
        }

        return new ListValue([.. kept]);
    }
}
