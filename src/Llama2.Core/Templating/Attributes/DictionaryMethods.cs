using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>Methods of dicts.</summary>
internal static class DictionaryMethods
{
    public static TemplateValue Copy(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        arguments.BindPositional(context, "copy()", 0, 0);
        // A dict never changes, so it can serve as its own copy.
        return receiver;
    }

    public static TemplateValue Get(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.BindPositional(context, "get()", 1, 2);
        return ((DictionaryValue)receiver).Find(context, DictionaryKey.Require(context, bound[0]!)) ?? bound[1] ?? NoneValue.Instance;
    }

    public static TemplateValue Items(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        arguments.BindPositional(context, "items()", 0, 0);
        return Items(context, (DictionaryValue)receiver);
    }

    public static ListValue Items(RenderContext context, DictionaryValue dictionary) =>
        Select(context, dictionary, ListKind.Items, entry => ListValue.Tuple(entry.Key, entry.Value));

    public static TemplateValue Keys(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        arguments.BindPositional(context, "keys()", 0, 0);
        return Select(context, (DictionaryValue)receiver, ListKind.Keys, entry => entry.Key);
    }

    public static TemplateValue Values(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        arguments.BindPositional(context, "values()", 0, 0);
        return Select(context, (DictionaryValue)receiver, ListKind.Values, entry => entry.Value);
    }

    private static ListValue Select(
        RenderContext context, DictionaryValue dictionary, ListKind kind, Func<KeyValuePair<TemplateValue, TemplateValue>, TemplateValue> select)
    {
        context.Step((kind == ListKind.Items ? DictionaryValue.EntryStepCount : 2L) * dictionary.Count);
        return (ListValue)context.Nest(new ListValue([.. dictionary.Entries.Select(select)], kind));
    }
}
