namespace Llama2.Templating;

/// <summary>The filters, by name.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, TemplateFunction> s_filters = new(StringComparer.Ordinal)
    {
        ["abs"] = NumberFilters.Absolute,
        ["batch"] = ListFilters.Batch,
        ["capitalize"] = TextFilters.OfLetters("capitalize", TextCase.Capitalize),
        ["count"] = ListFilters.Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SortingFilters.SortDictionary,
        ["first"] = ListFilters.First,
        ["float"] = NumberFilters.ToDouble,
        ["indent"] = TextFilters.Indent,
        ["int"] = NumberFilters.ToInteger,
        ["items"] = ListFilters.Items,
        ["join"] = ListFilters.Join,
        ["last"] = ListFilters.Last,
        ["length"] = ListFilters.Length,
        ["list"] = ListFilters.ToList,
        ["lower"] = TextFilters.OfLetters("lower", text => text.ToLowerInvariant()),
        ["map"] = SelectionFilters.Map,
        ["max"] = SortingFilters.Max,
        ["min"] = SortingFilters.Min,
        ["reject"] = (context, value, arguments) => SelectionFilters.Select(context, value, arguments, keeps: false),
        ["rejectattr"] = (context, value, arguments) => SelectionFilters.SelectByAttribute(context, value, arguments, keeps: false),
        ["replace"] = (context, value, arguments) => TextMethods.Replace(context, PythonText.Of(context, value), arguments, "replace"),
        ["reverse"] = ListFilters.Reverse,
        ["round"] = NumberFilters.Round,
        // Nothing is escaped for HTML, so everything is safe.
        ["safe"] = (context, value, _) => PythonText.Of(context, value),
        ["select"] = (context, value, arguments) => SelectionFilters.Select(context, value, arguments, keeps: true),
        ["selectattr"] = (context, value, arguments) => SelectionFilters.SelectByAttribute(context, value, arguments, keeps: true),
        ["sort"] = SortingFilters.Sort,
        ["string"] = (context, value, _) => PythonText.Of(context, value),
        ["sum"] = NumberFilters.Sum,
        ["title"] = TextFilters.OfLetters("title", TextCase.TitleByWords),
        ["tojson"] = JsonText.Write,
        ["trim"] = (context, value, arguments) =>
            TextMethods.Strip(context, PythonText.Of(context, value), arguments, "trim", atStart: true, atEnd: true),
        ["unique"] = ListFilters.Unique,
        ["upper"] = TextFilters.OfLetters("upper", TextCase.Upper),
    };

    public static string Names => string.Join(", ", s_filters.Keys);

    public static TemplateFunction? Find(string name) => s_filters.GetValueOrDefault(name);

    private static TemplateValue Default(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "default", "default_value", "boolean");
        bool isReplaced = value.IsUndefined || ((bound[1]?.IsTrue ?? false) && !value.IsTrue);
        return isReplaced ? bound[0] ?? TextValue.Empty : value;
    }
}
