using System.Globalization;

namespace Llama2.Templating;

/// <summary>Attributes and items of values. What there is none of is undefined, as in jinja2.</summary>
internal static class Members
{
    /// <summary>Whether a name is one of Python's insides, which a template has no business with.</summary>
    public static bool IsInternal(string name) => name.StartsWith("__", StringComparison.Ordinal);

    /// <summary><c>value.name</c>: a method, or else an item of that name.</summary>
    public static TemplateValue Attribute(RenderContext context, TemplateValue value, string name)
    {
        TemplateValue? found = value switch
        {
            UndefinedValue undefined => throw context.Fault(undefined.Reason),
            LoopValue loop => loop.Find(name),
            NamespaceValue space => space.Find(name),
            _ when Methods.Find(value, name) is TemplateFunction method => new FunctionValue(name, method, value),
            DictionaryValue dictionary => dictionary.Find(name),
            _ => null,
        };
        if (found is null && IsInternal(name))
            throw context.Fault($"the attribute '{name}'", "there is nothing of Python's insides here");
        return found ?? Missing(value, name);
    }

    /// <summary><c>value[index]</c></summary>
    public static TemplateValue Item(RenderContext context, TemplateValue value, TemplateValue index) => (value, index) switch
    {
        (UndefinedValue undefined, _) => throw context.Fault(undefined.Reason),
        (_, UndefinedValue undefined) when value is not DictionaryValue => throw context.Fault(undefined.Reason),
        (DictionaryValue dictionary, TextValue key) => dictionary.Find(key.Text) ?? Attribute(context, value, key.Text),
        (ListValue list, IntegerValue or BooleanValue) => ItemAt(list, Numbers.ToInteger(index)),
        (TextValue text, IntegerValue or BooleanValue) => CharacterAt(context, text, Numbers.ToInteger(index)),
        (_, TextValue name) => Attribute(context, value, name.Text),
        _ => new UndefinedValue($"{value.TypeName} object has no element {Describe(index)}"),
    };

    /// <summary>An attribute by a filter's notation, <c>a.b.0</c>; what is undefined on the way gives the default, if there is one.</summary>
    public static TemplateValue Path(RenderContext context, TemplateValue value, string path, TemplateValue? otherwise)
    {
        foreach (string part in path.Split('.'))
        {
            context.Step();
            value = long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long index)
                ? Item(context, value, IntegerValue.Of(index))
                : Item(context, value, TextValue.Own(part));
            if (value.IsUndefined && otherwise is not null)
                return otherwise;
        }

        return value;
    }

    private static TemplateValue ItemAt(ListValue list, long index)
    {
        long position = index < 0 ? index + list.Count : index;
        return position >= 0 && position < list.Count ? list.Items[(int)position] : new UndefinedValue($"{list.TypeName} object has no element {index}");
    }

    private static TemplateValue CharacterAt(RenderContext context, TextValue text, long index)
    {
        var characters = new CodePoints(context, text.Text);
        long position = index < 0 ? index + characters.Count : index;
        if (position < 0 || position >= characters.Count)
            return new UndefinedValue($"str object has no element {index}");
        int start = characters.Start((int)position);
        return text.Slice(context, start, characters.Start((int)position + 1) - start);
    }

    private static UndefinedValue Missing(TemplateValue value, string name) => new($"'{value.TypeName} object' has no attribute '{Shorten(name)}'");

    private static string Describe(TemplateValue index) => index switch
    {
        IntegerValue integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        TextValue text => $"'{Shorten(text.Text)}'",
        _ => $"of type {index.TypeName}",
    };

    private static string Shorten(string name) => name.Length <= 80 ? name : name[..80] + "…";
}
