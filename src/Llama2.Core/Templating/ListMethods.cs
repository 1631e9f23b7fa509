namespace Llama2.Templating;

/// <summary>Methods of lists.</summary>
internal static class ListMethods
{
    public static TemplateValue Count(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue sought = Sought(context, arguments, "count()");
        int count = 0;
        foreach (TemplateValue item in ((ListValue)receiver).Items)
            count += Comparer.AreEqual(context, item, sought) ? 1 : 0;
        return IntegerValue.Of(count);
    }

    public static TemplateValue Index(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue sought = Sought(context, arguments, "index()");
        ReadOnlySpan<TemplateValue> items = ((ListValue)receiver).Items;
        for (int i = 0; i < items.Length; i++)
        {
            if (Comparer.AreEqual(context, items[i], sought))
                return IntegerValue.Of(i);
        }

        throw context.Fault("index() looks for what is not in the list");
    }

    private static TemplateValue Sought(RenderContext context, CallArguments arguments, string method) =>
        arguments.Bind(context, method, "value")[0] ?? throw context.Fault($"{method} is given nothing to look for");
}
