namespace Llama2.Templating;

/// <summary>Methods of dicts.</summary>
internal static class DictionaryMethods
{
    public static TemplateValue Get(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "get()", "key", "default");
        TemplateValue key = bound[0] ?? throw context.Fault("get() is given no key");
        return (key is TextValue text ? ((DictionaryValue)receiver).Find(text.Text) : null) ?? bound[1] ?? NoneValue.Instance;
    }

    public static TemplateValue Items(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        arguments.Bind(context, "items()");
        return Select(context, receiver, entry => new ListValue([entry.Key, entry.Value], isTuple: true));
    }

    public static TemplateValue Keys(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        arguments.Bind(context, "keys()");
        return Select(context, receiver, entry => entry.Key);
    }

    public static TemplateValue Values(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        arguments.Bind(context, "values()");
        return Select(context, receiver, entry => entry.Value);
    }

    private static TemplateValue Select(RenderContext context, TemplateValue receiver, Func<KeyValuePair<TextValue, TemplateValue>, TemplateValue> select)
    {
        var dictionary = (DictionaryValue)receiver;
        context.Step(2L * dictionary.Count);
        return context.Nest(new ListValue([.. dictionary.Entries.Select(select)]));
    }
}
