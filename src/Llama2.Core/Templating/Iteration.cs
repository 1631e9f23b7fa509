namespace Llama2.Templating;

/// <summary>What a loop, or a filter of lists, goes over.</summary>
internal static class Iteration
{
    /// <summary>The items: of a list, keys of a dict, characters of a text; none of undefined.</summary>
    public static ReadOnlySpan<TemplateValue> Items(RenderContext context, TemplateValue value)
    {
        switch (value)
        {
            case ListValue list:
                return list.Items;
            case DictionaryValue dictionary:
                context.Step(dictionary.Count);
                return dictionary.Entries.Select(entry => (TemplateValue)entry.Key).ToArray();
            case TextValue text:
                return Characters(context, text);
            case UndefinedValue:
                return [];
            default:
                throw context.Fault($"a value of type {value.TypeName} is gone through", "only lists, dicts and texts have items");
        }
    }

    private static TemplateValue[] Characters(RenderContext context, TextValue text)
    {
        var characters = new CodePoints(context, text.Text);
        context.Step((long)characters.Count * TextStepCount);
        var items = new TemplateValue[characters.Count];
        for (int i = 0; i < items.Length; i++)
            items[i] = text.Slice(context, characters.Start(i), characters.Start(i + 1) - characters.Start(i));
        return items;
    }

    /// <summary>Steps that a text in a list of new texts is charged: it takes about 100 bytes.</summary>
    public const int TextStepCount = 4;
}
