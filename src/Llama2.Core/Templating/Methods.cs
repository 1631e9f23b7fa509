namespace Llama2.Templating;

/// <summary>The methods of values, by type and name: those that change nothing, as jinja2's sandbox allows.</summary>
internal static class Methods
{
    private static readonly Dictionary<string, TemplateFunction>
        s_ofDictionaries = new(StringComparer.Ordinal)
        {
            ["get"] = DictionaryMethods.Get,
            ["items"] = DictionaryMethods.Items,
            ["keys"] = DictionaryMethods.Keys,
            ["values"] = DictionaryMethods.Values,
        },
        s_ofLists = new(StringComparer.Ordinal)
        {
            ["count"] = ListMethods.Count,
            ["index"] = ListMethods.Index,
        };

    public static TemplateFunction? Find(TemplateValue value, string name) => value switch
    {
        TextValue => TextMethods.Find(name),
        DictionaryValue => s_ofDictionaries.GetValueOrDefault(name),
        ListValue => s_ofLists.GetValueOrDefault(name),
        _ => null,
    };
}
