namespace Llama2.Templating;

/// <summary>The functions of the environment: jinja2's that templates need, and what transformers adds.</summary>
internal static class Functions
{
    private static readonly Dictionary<string, FunctionValue> s_functions = new(StringComparer.Ordinal)
    {
        ["range"] = new("range", (context, _, arguments) => Range(context, arguments)),
        ["namespace"] = new("namespace", (context, _, arguments) => Namespace(context, arguments)),
        ["dict"] = new("dict", (context, _, arguments) => Dictionary(context, arguments)),
        ["raise_exception"] = new("raise_exception", (context, _, arguments) => throw Refusal(context, arguments)),
        ["strftime_now"] = new("strftime_now", (context, _, arguments) =>
            TextValue.Own(TimeFormat.Format(context, PythonText.Require(context, arguments.Bind(context, "strftime_now", "format")[0], "a time's format").Text))),
    };

    public static FunctionValue? Find(string name) => s_functions.GetValueOrDefault(name);

    private static ListValue Range(RenderContext context, CallArguments arguments)
    {
        TemplateValue?[] bounds = arguments.Bind(context, "range", "start", "stop", "step");
        long first = Numbers.Require(context, bounds[0] ?? throw context.Fault("range() is given no bound"), "a bound of range()", 0);
        long start = bounds[1] is null ? 0 : first, stop = Numbers.Require(context, bounds[1], "a bound of range()", first);
        long step = Numbers.Require(context, bounds[2], "a step of range()", 1);
        if (step == 0)
            throw context.Fault("range() has a step of 0", "a step is positive or negative");

        // In 128 bits no difference of 64-bit numbers overflows.
        Int128 distance = step > 0 ? (Int128)stop - start : (Int128)start - stop, stride = Int128.Abs(step);
        Int128 count = distance <= 0 ? 0 : (distance + stride - 1) / stride;
        if (count > context.Limits.MaxRangeLength)
            throw context.Fault($"range() has {count} items", $"at most {context.Limits.MaxRangeLength} are made");
        context.Step((long)count);
        var items = new TemplateValue[(int)count];
        for (int i = 0; i < items.Length; i++)
            items[i] = IntegerValue.Of(start + (i * step));
        return new ListValue(items);
    }

    private static NamespaceValue Namespace(RenderContext context, CallArguments arguments)
    {
        var space = new NamespaceValue();
        foreach ((TextValue name, TemplateValue value) in Dictionary(context, arguments).Entries)
            space.Set(name.Text, value);
        return space;
    }

    private static DictionaryValue Dictionary(RenderContext context, CallArguments arguments)
    {
        IEnumerable<KeyValuePair<TextValue, TemplateValue>> entries = arguments.Positional switch
        {
            [] => [],
            [DictionaryValue dictionary] => dictionary.Entries,
            _ => throw context.Fault("dict() or namespace() is given more than a dict", "it takes one dict, and values with names"),
        };
        return (DictionaryValue)context.Nest(new DictionaryValue(
            [.. entries, .. arguments.Keywords.Select(keyword => KeyValuePair.Create(TextValue.Own(keyword.Key), keyword.Value))]));
    }

    private static PromptTemplateException Refusal(RenderContext context, CallArguments arguments) =>
        context.Refusal(PythonText.Of(context, arguments.Bind(context, "raise_exception", "message")[0] ?? TextValue.Empty).Text);
}
