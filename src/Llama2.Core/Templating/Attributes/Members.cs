using System.Globalization;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>Attributes and items of values. Those that do not exist are undefined, as in jinja2.</summary>
internal static class Members
{
    /// <summary><c>value.name</c>: a method or, if there is no such method, an item of that name.</summary>
    public static TemplateValue Attribute(RenderContext context, TemplateValue value, TextValue name)
    {
        if (value is UndefinedValue undefined)
            throw context.Fault(undefined.Reason);
        return FindOwn(context, value, name) ?? (value is DictionaryValue dictionary ? dictionary.Find(context, name) : null) ?? Missing(value, name.Text);
    }

    /// <summary><c>value[index]</c>: an item or, if there is no such item, an attribute of that name.</summary>
    public static TemplateValue Item(RenderContext context, TemplateValue value, TemplateValue index) => (value, index) switch
    {
        (UndefinedValue undefined, _) => throw context.Fault(undefined.Reason),
        (DictionaryValue dictionary, _) when dictionary.Find(context, index) is TemplateValue found => found,
        (ListValue { IsIndexed: true } list, IntegerValue or BooleanValue) => ItemAt(context, list, index),
        (TextValue text, IntegerValue or BooleanValue) => CharacterAt(context, text, index),
        (_, TextValue name) => FindOwn(context, value, name) ?? Missing(value, name.Text),
        _ => new UndefinedValue($"{value.TypeName} object has no element {Describe(index)}"),
    };

    /// <summary>The filter <c>attr</c>: an attribute, never an item.</summary>
    public static TemplateValue OwnAttribute(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TextValue name = PythonText.Require(context, arguments.Bind(context, "attr", 1, "name")[0], "attr's name");
        if (value is UndefinedValue undefined)
            throw context.Fault(undefined.Reason);
        return FindOwn(context, value, name) ?? Missing(value, name.Text);
    }

    // The result of Python's getattr, as far as templates are allowed to use it. The name can be as long as any text, but a long name is not searched
    // for, because the names of all methods are short.
    private static TemplateValue? FindOwn(RenderContext context, TemplateValue value, TextValue name) => value switch
    {
        _ when name.Text.Length <= TemplateLimits.MaxNameLength && Methods.Find(value, name.Text) is TemplateFunction method => new FunctionValue(name.Text, method, value),
        _ when UnsupportedMembers.Has(value, name.Text) => throw context.Fault($"the attribute '{name.Text}' of a value of type {value.TypeName} is used", "it is not supported"),
        IntegerValue or BooleanValue => OfInteger(value, name.Text),
        DoubleValue number when name.Text is "real" or "imag" => name.Text == "real" ? number : new DoubleValue(0),
        LoopValue loop => loop.Find(name.Text),
        // jinja2's sandbox hides attributes that are private in Python.
        NamespaceValue space => name.Text.StartsWith('_') ? null : space.Find(context, name),
        CyclerValue cycler => cycler.Find(name.Text),
        FunctionValue { Macro: MacroSignature macro } => macro.Find(name.Text),
        ListValue { IsGroup: true } group when name.Text is "grouper" or "list" => group.Items[name.Text == "grouper" ? 0 : 1],
        ListValue { Bounds: RangeBounds bounds } when name.Text is "start" or "stop" or "step" =>
            IntegerValue.Of(name.Text == "start" ? bounds.Start : name.Text == "stop" ? bounds.Stop : bounds.Step),
        // jinja2's sandbox hides methods that change a dict, and a key with the name of such a method cannot be read as an attribute either.
        DictionaryValue when name.Text is "clear" or "pop" or "popitem" or "setdefault" or "update" => Missing(value, name.Text),
        _ => null,
    };

    private static IntegerValue? OfInteger(TemplateValue value, string name) => name switch
    {
        "real" or "numerator" => IntegerValue.Of(Numbers.ToInteger(value), Numbers.IsData(value)),
        "imag" => IntegerValue.Of(0),
        "denominator" => IntegerValue.Of(1),
        _ => null,
    };

    private static TemplateValue ItemAt(RenderContext context, ListValue list, TemplateValue index)
    {
        long number = Numbers.Require(context, index, "an index", 0), position = number < 0 ? number + list.Count : number;
        return position >= 0 && position < list.Count ? list.Items[(int)position] : new UndefinedValue($"{list.TypeName} object has no element {number}");
    }

    private static TemplateValue CharacterAt(RenderContext context, TextValue text, TemplateValue index)
    {
        var characters = new CodePoints(context, text.Text);
        long number = Numbers.Require(context, index, "an index", 0), position = number < 0 ? number + characters.Count : number;
        if (position < 0 || position >= characters.Count)
            return new UndefinedValue($"str object has no element {number}");
        int start = characters.Start((int)position);
        return text.Slice(context, start, characters.Start((int)position + 1) - start);
    }

    private static UndefinedValue Missing(TemplateValue value, string name) => new($"'{value.TypeName} object' has no attribute '{ShortenedName.Of(name)}'");

    private static string Describe(TemplateValue index) => index switch
    {
        IntegerValue integer when integer.Value.GetBitLength() < 64 => integer.Value.ToString(CultureInfo.InvariantCulture),
        TextValue text => $"'{ShortenedName.Of(text.Text)}'",
        _ => $"of type {index.TypeName}",
    };
}
