using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>The methods of values, by type and name: those without side effects, which jinja2's sandbox allows.</summary>
internal static class Methods
{
    private static readonly Dictionary<string, TemplateFunction>
        s_ofDictionaries = new(StringComparer.Ordinal)
        {
            ["copy"] = DictionaryMethods.Copy,
            ["get"] = DictionaryMethods.Get,
            ["items"] = DictionaryMethods.Items,
            ["keys"] = DictionaryMethods.Keys,
            ["values"] = DictionaryMethods.Values,
        },
        s_ofSequences = new(StringComparer.Ordinal)
        {
            ["count"] = ListMethods.Count,
            ["index"] = ListMethods.Index,
        },
        s_ofDoubles = new(StringComparer.Ordinal)
        {
            ["is_integer"] = (context, receiver, arguments) =>
            {
                arguments.BindPositional(context, "is_integer()", 0, 0);
                return BooleanValue.Of(Numbers.IsWhole(((DoubleValue)receiver).Value));
            },
        };

    public static TemplateFunction? Find(TemplateValue value, string name) => value switch
    {
        TextValue => TextMethods.Find(name),
        DictionaryValue => s_ofDictionaries.GetValueOrDefault(name),
        ListValue { IsIndexed: true } list => name == "copy" && list.Kind == ListKind.List ? ListMethods.Copy : s_ofSequences.GetValueOrDefault(name),
        DoubleValue => s_ofDoubles.GetValueOrDefault(name),
        _ => null,
    };
}
