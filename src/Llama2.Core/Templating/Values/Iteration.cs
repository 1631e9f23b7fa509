using Llama2.Templating.Characters;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Enumerates the items of a value, for loops and filters of lists.</summary>
internal static class Iteration
{
    /// <summary>The number of steps that are charged for each text in a list of new texts, because such a text takes about 100 bytes.</summary>
    public const int TextStepCount = 4;

    /// <summary>
    /// Enumerates items one by one: the items of a list, the keys of a dict, the characters of a text, or the remaining items of a generator. An
    /// undefined value has no items.
    /// </summary>
    /// <exception cref="PromptTemplateException">
    /// The value is of a type that has no items. The exception is thrown by this call, not when the first item is taken.
    /// </exception>
    public static IEnumerable<TemplateValue> Enumerate(RenderContext context, TemplateValue value) =>
        value is GeneratorValue generator ? TakeAll(context, generator) : value is ListValue list ? Go(context, list.AsEnumerable()) : Go(context, Items(context, value).ToArray());

    /// <summary>All items at once.</summary>
    public static ReadOnlySpan<TemplateValue> Items(RenderContext context, TemplateValue value)
    {
        switch (value)
        {
            case ListValue list:
                return list.Items;
            case DictionaryValue dictionary:
                context.Step(dictionary.Count);
                return dictionary.Entries.Select(entry => entry.Key).ToArray();
            case TextValue text:
                return Characters(context, text);
            case UndefinedValue undefined:
                return undefined.RefuseIfStrict<TemplateValue[]>(context, []);
            case GeneratorValue generator:
                return TakeAll(context, generator).ToArray();
            default:
                throw context.Fault($"a value of type {value.TypeName} is iterated over", "only lists, dicts and texts have items");
        }
    }

    /// <summary>The number of items, if it is known without enumerating them.</summary>
    public static int? Count(TemplateValue value) => value switch
    {
        ListValue list => list.Count,
        DictionaryValue dictionary => dictionary.Count,
        UndefinedValue => 0,
        _ => null,
    };

    /// <summary>A new list of all items.</summary>
    public static TemplateValue[] Copy(RenderContext context, TemplateValue value)
    {
        ReadOnlySpan<TemplateValue> items = Items(context, value);
        context.Step(items.Length);
        return items.ToArray();
    }

    private static IEnumerable<TemplateValue> Go(RenderContext context, IEnumerable<TemplateValue> items)
    {
        foreach (TemplateValue item in items)
        {
            context.Step();
            yield return item;
        }
    }

    private static IEnumerable<TemplateValue> TakeAll(RenderContext context, GeneratorValue generator)
    {
        while (generator.TryTake(out TemplateValue item))
        {
            context.Step();
            yield return item;
        }
    }

    private static TemplateValue[] Characters(RenderContext context, TextValue text)
    {
        var characters = new CodePoints(context, text.Text);
        context.Step((long)characters.Count * TextStepCount);
        var items = new TemplateValue[characters.Count];
        for (int i = 0; i < items.Length; i++)
            items[i] = text.Slice(context, characters.Start(i), characters.Start(i + 1) - characters.Start(i)).WithMarkup(false);
        return items;
    }
}
