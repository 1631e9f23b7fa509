using System.Runtime.ExceptionServices;
using Llama2.Templating.Attributes;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>Filters that sort items, optionally by an attribute. Case is ignored unless requested otherwise.</summary>
internal static class SortingFilters
{
    public static TemplateValue Sort(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "sort", 0, "reverse", "case_sensitive", "attribute");
        AttributePath[] attributes = AttributePath.ParseSeveral(context, bound[2]);
        bool isCaseSensitive = bound[1]?.IsTrue ?? false;
        return new ListValue(Sort(context, Iteration.Copy(context, value), Key, bound[0]?.IsTrue ?? false));

        // The key is a list even if it has one part, as in jinja2: lists are compared at the first difference, so equal items of any type can be
        // sorted.
        TemplateValue Key(TemplateValue item)
        {
            context.Step(attributes.Length);
            return context.Nest(new ListValue([.. attributes.Select(attribute => Fold(context, attribute.Of(context, item), isCaseSensitive))]));
        }
    }

    public static TemplateValue SortDictionary(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "dictsort", 0, "case_sensitive", "by", "reverse");
        string by = bound[1] is null ? "key" : PythonText.Require(context, bound[1], "dictsort's by").Text;
        if (by is not ("key" or "value"))
            throw context.Fault($"dictsort sorts by '{by}'", "it must be key or value");
        if (value is not DictionaryValue dictionary)
            throw context.Fault(value is UndefinedValue undefined ? undefined.Reason : $"dictsort is given {value.TypeName}", "it takes a dict");
        TemplateValue[] entries = DictionaryMethods.Items(context, dictionary).Items.ToArray();
        return context.Nest(new ListValue(Sort(
            context, entries, entry => Fold(context, ((ListValue)entry).Items[by == "key" ? 0 : 1], bound[0]?.IsTrue ?? false), bound[2]?.IsTrue ?? false)));
    }

    /// <summary>
    /// Groups items: creates one pair for each value of the attribute, in the order of the values. A pair consists of the value and the list of the
    /// items that have it.
    /// </summary>
    public static TemplateValue Group(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "groupby", 1, "attribute", "default", "case_sensitive");
        var attribute = AttributePath.Parse(context, bound[0], bound[1]);
        bool isCaseSensitive = bound[2]?.IsTrue ?? false;
        TemplateValue[] items = Sort(context, Iteration.Copy(context, value), Key, isReversed: false);

        var groups = new List<TemplateValue>();
        for (int start = 0, end; start < items.Length; start = end)
        {
            TemplateValue key = Key(items[start]);
            for (end = start + 1; end < items.Length && Comparer.AreEqual(context, key, Key(items[end]));)
                end++;
            context.Step(Iteration.TextStepCount + end - start);
            TemplateValue grouper = isCaseSensitive ? key : attribute.Of(context, items[start]);
            groups.Add(context.Nest(new ListValue([grouper, new ListValue(items[start..end])], ListKind.Tuple) { IsGroup = true }));
        }

        return context.Nest(new ListValue([.. groups]));

        TemplateValue Key(TemplateValue item) => Fold(context, attribute.Of(context, item), isCaseSensitive);
    }

    public static TemplateValue Min(RenderContext context, TemplateValue value, CallArguments arguments) => Extreme(context, value, arguments, "min", sign: 1);

    public static TemplateValue Max(RenderContext context, TemplateValue value, CallArguments arguments) => Extreme(context, value, arguments, "max", sign: -1);

    /// <summary>A text in lower case, unless case matters.</summary>
    public static TemplateValue Fold(RenderContext context, TemplateValue key, bool isCaseSensitive) =>
        !isCaseSensitive && key is TextValue text ? TextCase.Lower(context, text) : key;

    /// <summary>Items in the order of their keys. The sort is stable; as in Python, equal items keep their order even if the sort is reversed.</summary>
    public static T[] Sort<T>(RenderContext context, T[] items, Func<T, TemplateValue> key, bool isReversed)
    {
        context.Step(4L * items.Length);
        var order = System.Collections.Generic.Comparer<TemplateValue>.Create((left, right) => Comparer.Compare(context, left, right) ?? 0);
        try
        {
            return isReversed ? [.. items.OrderByDescending(key, order)] : [.. items.OrderBy(key, order)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is PromptTemplateException or OperationCanceledException)
        {
            // The runtime's sort throws an exception that wraps the exception of a comparison.
            ExceptionDispatchInfo.Throw(exception.InnerException);
            throw;
        }
    }

    private static TemplateValue Extreme(RenderContext context, TemplateValue value, CallArguments arguments, string filter, int sign)
    {
        TemplateValue?[] bound = arguments.Bind(context, filter, 0, "case_sensitive", "attribute");
        var attribute = AttributePath.Parse(context, bound[1]);
        TemplateValue? best = null, bestKey = null;
        foreach (TemplateValue item in Iteration.Enumerate(context, value))
        {
            TemplateValue key = Fold(context, attribute.Of(context, item), bound[0]?.IsTrue ?? false);
            if (bestKey is null || sign * Comparer.Compare(context, key, bestKey) < 0)
                (best, bestKey) = (item, key);
        }

        return best ?? new UndefinedValue("No aggregated item, sequence was empty.");
    }
}
