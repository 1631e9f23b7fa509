using Llama2.Templating.Attributes;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>The filters, by name.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, TemplateFunction> s_filters = new(StringComparer.Ordinal)
    {
        ["abs"] = NumberFilters.Absolute,
        ["attr"] = Members.OwnAttribute,
        ["batch"] = ListFilters.Batch,
        ["capitalize"] = TextFilters.OfLetters("capitalize", TextCase.Capitalize),
        ["center"] = TextFilters.Center,
        ["count"] = ListFilters.Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SortingFilters.SortDictionary,
        ["e"] = TextFilters.Escape,
        ["escape"] = TextFilters.Escape,
        ["filesizeformat"] = NumberFilters.FormatFileSize,
        ["first"] = ListFilters.First,
        ["float"] = NumberFilters.ToDouble,
        ["forceescape"] = TextFilters.ForceEscape,
        ["format"] = TextFilters.Format,
        ["groupby"] = SortingFilters.Group,
        ["indent"] = TextFilters.Indent,
        ["int"] = NumberFilters.ToInteger,
        ["items"] = ListFilters.Items,
        ["join"] = ListFilters.Join,
        ["last"] = ListFilters.Last,
        ["length"] = ListFilters.Length,
        ["list"] = ListFilters.ToList,
        ["lower"] = TextFilters.OfLetters("lower", TextCase.Lower),
        ["map"] = SelectionFilters.Map,
        ["max"] = SortingFilters.Max,
        ["min"] = SortingFilters.Min,
        ["reject"] = (context, value, arguments) => SelectionFilters.Select(context, value, arguments, keeps: false),
        ["rejectattr"] = (context, value, arguments) => SelectionFilters.SelectByAttribute(context, value, arguments, keeps: false),
        ["replace"] = TextFilters.Replace,
        ["reverse"] = ListFilters.Reverse,
        ["round"] = NumberFilters.Round,
        ["safe"] = (context, value, arguments) => Soft(context, value, arguments, "safe").WithMarkup(true),
        ["select"] = (context, value, arguments) => SelectionFilters.Select(context, value, arguments, keeps: true),
        ["selectattr"] = (context, value, arguments) => SelectionFilters.SelectByAttribute(context, value, arguments, keeps: true),
        ["slice"] = ListFilters.Slice,
        ["sort"] = SortingFilters.Sort,
        ["string"] = (context, value, arguments) => Soft(context, value, arguments, "string"),
        ["sum"] = NumberFilters.Sum,
        ["title"] = TextFilters.OfLetters("title", TitleWithoutMarkup),
        ["tojson"] = JsonText.Write,
        ["trim"] = TextFilters.Trim,
        ["truncate"] = TextFilters.Truncate,
        ["unique"] = ListFilters.Unique,
        ["upper"] = TextFilters.OfLetters("upper", TextCase.Upper),
        ["urlencode"] = TextFilters.EncodeForUrl,
        ["wordcount"] = TextFilters.CountWords,
        ["xmlattr"] = TextFilters.ToXmlAttributes,
    };

    public static string Names => string.Join(", ", s_filters.Keys);

    public static TemplateFunction? Find(string name) => s_filters.GetValueOrDefault(name);

    /// <summary>Whether a filter exists. Templates can ask this before they use the filter.</summary>
    /// <exception cref="PromptTemplateException">The filter exists in jinja2, but is not supported here.</exception>
    public static bool IsKnown(RenderContext context, string name) => name is "pprint" or "random" or "striptags" or "urlize" or "wordwrap"
        ? throw context.Fault($"the filter '{name}' is not supported", $"the filters are {Names}")
        : Find(name) is not null;

    private static TemplateValue Default(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "default", 0, "default_value", "boolean");
        bool isReplaced = value.IsUndefined || ((bound[1]?.IsTrue ?? false) && !value.IsTrue);
        return isReplaced ? bound[0] ?? TextValue.Empty : value;
    }

    private static TextValue Soft(RenderContext context, TemplateValue value, CallArguments arguments, string name)
    {
        arguments.Bind(context, name, 0);
        return PythonText.Soft(context, value);
    }

    // As in jinja2, the result is plain text, not safe HTML, because the words are joined again after their letters are changed.
    private static TextValue TitleWithoutMarkup(RenderContext context, TextValue text) => TextCase.TitleByWords(context, text).WithMarkup(false);
}
