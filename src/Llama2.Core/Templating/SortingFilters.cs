using System.Runtime.ExceptionServices;

namespace Llama2.Templating;

/// <summary>Filters that put items in order, by an attribute if asked, letters' case aside unless asked.</summary>
internal static class SortingFilters
{
    public static TemplateValue Sort(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "sort", "reverse", "case_sensitive", "attribute");
        TemplateValue[] items = Iteration.Items(context, value).ToArray();
        return new ListValue(Sort(context, items, bound[0], item => Fold(context, Key(context, item, bound[2]), bound[1]?.IsTrue ?? false)));
    }

    public static TemplateValue SortDictionary(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "dictsort", "case_sensitive", "by", "reverse");
        string by = bound[1] is null ? "key" : PythonText.Require(context, bound[1], "what dictsort sorts by").Text;
        if (by is not ("key" or "value"))
            throw context.Fault($"dictsort sorts by '{by}'", "it sorts by key or value");
        if (value is not DictionaryValue)
            throw context.Fault(value is UndefinedValue undefined ? undefined.Reason : $"dictsort is given {value.TypeName}", "it sorts dicts");
        TemplateValue[] entries = ((ListValue)DictionaryMethods.Items(context, value, CallArguments.None)).Items.ToArray();
        return context.Nest(new ListValue(Sort(
            context, entries, bound[2], entry => Fold(context, ((ListValue)entry).Items[by == "key" ? 0 : 1], bound[0]?.IsTrue ?? false))));
    }

    public static TemplateValue Min(RenderContext context, TemplateValue value, CallArguments arguments) => Extreme(context, value, arguments, "min", sign: 1);

    public static TemplateValue Max(RenderContext context, TemplateValue value, CallArguments arguments) => Extreme(context, value, arguments, "max", sign: -1);

    /// <summary>What an item is compared by: an attribute of it, or itself if none is given.</summary>
    public static TemplateValue Key(RenderContext context, TemplateValue item, TemplateValue? attribute, TemplateValue? otherwise = null) => attribute switch
    {
        null or NoneValue => item,
        TextValue path => Members.Path(context, item, path.Text, otherwise),
        _ => Members.Item(context, item, attribute),
    };

    public static TemplateValue[] Keys(RenderContext context, ReadOnlySpan<TemplateValue> items, TemplateValue attribute)
    {
        context.Step(items.Length);
        var keys = new TemplateValue[items.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = Key(context, items[i], attribute);
        return keys;
    }

    /// <summary>A text in small letters, unless their case counts.</summary>
    public static TemplateValue Fold(RenderContext context, TemplateValue key, bool isCaseSensitive)
    {
        if (isCaseSensitive || key is not TextValue text)
            return key;
        context.ChargeText(text.Text.Length, text.Data.Length);
        return TextValue.Own(text.Text.ToLowerInvariant());
    }

    private static TemplateValue Extreme(RenderContext context, TemplateValue value, CallArguments arguments, string filter, int sign)
    {
        TemplateValue?[] bound = arguments.Bind(context, filter, "case_sensitive", "attribute");
        TemplateValue? best = null, bestKey = null;
        foreach (TemplateValue item in Iteration.Items(context, value))
        {
            TemplateValue key = Fold(context, Key(context, item, bound[1]), bound[0]?.IsTrue ?? false);
            if (bestKey is null || sign * Comparer.Compare(context, key, bestKey) < 0)
                (best, bestKey) = (item, key);
        }

        return best ?? new UndefinedValue("No aggregated item, sequence was empty.");
    }

    // Stable, and equal items stay in their order in reverse too, as in Python.
    private static TemplateValue[] Sort(RenderContext context, TemplateValue[] items, TemplateValue? isReversed, Func<TemplateValue, TemplateValue> key)
    {
        context.Step(4L * items.Length);
        var order = System.Collections.Generic.Comparer<TemplateValue>.Create((left, right) => Comparer.Compare(context, left, right));
        try
        {
            return isReversed?.IsTrue ?? false ? [.. items.OrderByDescending(key, order)] : [.. items.OrderBy(key, order)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is PromptTemplateException or OperationCanceledException)
        {
            // The sort wraps what a comparison throws.
            ExceptionDispatchInfo.Throw(exception.InnerException);
            throw;
        }
    }
}
