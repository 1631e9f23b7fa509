using System.Text;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>
/// The filter <c>tojson</c> as redefined by transformers: Python's <c>json.dumps</c>, without escapes for HTML, and with the keys of dicts in their
/// original order. If the value contains data, the whole result is data.
/// </summary>
internal sealed class JsonText
{
    // The number of steps that are charged for a value, because the value and its separators are appended in several pieces.
    private const int StepCount = 4;

    private readonly RenderContext _context;
    private readonly TextBuilder _builder;
    private readonly string? _indent;
    private readonly string _itemSeparator, _keySeparator;
    private readonly bool _escapesUnicode, _sortsKeys;

    private JsonText(RenderContext context, TemplateValue?[] options)
    {
        _context = context;
        _builder = new TextBuilder(context);
        _escapesUnicode = options[0]?.IsTrue ?? false;
        _indent = options[1] switch
        {
            null or NoneValue => null,
            TextValue text => Own(text),
            TemplateValue width => TextFilters.Blanks(context, width).Text,
        };
        _itemSeparator = _indent is null ? ", " : ",";
        _keySeparator = ": ";
        if (options[2] is ListValue { Count: 2 } separators)
            (_itemSeparator, _keySeparator) = (Separator(separators.Items[0]), Separator(separators.Items[1]));
        else if (options[2] is not (null or NoneValue))
            throw context.Fault("tojson's separators are not a pair", "they must be two strings: the first is written between items, the second after keys");
        _sortsKeys = options[3]?.IsTrue ?? false;

        string Separator(TemplateValue value) => Own(PythonText.Require(context, value, "a separator of tojson"));
    }

    public static TextValue Write(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        var json = new JsonText(context, arguments.Bind(context, "tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys"));
        json.Append(value, depth: 0);
        return json._builder.ToValue();
    }

    private string Own(TextValue text)
    {
        if (text.HasData)
            _builder.MarkAsData();
        return text.Text;
    }

    // Recursion is as deep as the nesting of values, at most TemplateLimits.MaxDepth.
    private void Append(TemplateValue value, int depth)
    {
        _context.Step(StepCount);
        switch (value)
        {
            case TextValue text:
                AppendString(text);
                break;
            case ListValue { Kind: ListKind.List or ListKind.Tuple } list:
                AppendItems('[', list.Count, ']', depth, index => Append(list.Items[index], depth + 1));
                break;
            case DictionaryValue dictionary:
                AppendDictionary(dictionary, depth);
                break;
            case UndefinedValue undefined:
                throw _context.Fault(undefined.Reason);
            default:
                if (Numbers.IsData(value))
                    _builder.MarkAsData();
                _builder.Append(Scalar(value));
                break;
        }
    }

    private string Scalar(TemplateValue value) => value switch
    {
        NoneValue => "null",
        BooleanValue boolean => boolean.Value ? "true" : "false",
        IntegerValue integer => IntegerText.Of(_context, integer.Value),
        DoubleValue number => JsonLiteral.Number(number.Value),
        _ => throw _context.Fault($"a value of type {value.TypeName} is written as JSON", "JSON has no such type"),
    };

    private void AppendDictionary(DictionaryValue dictionary, int depth)
    {
        _context.Step(dictionary.Count);
        IReadOnlyList<KeyValuePair<TemplateValue, TemplateValue>> entries = _sortsKeys
            ? SortingFilters.Sort(_context, [.. dictionary.Entries], entry => entry.Key, isReversed: false)
            : dictionary.Entries;
        AppendItems('{', entries.Count, '}', depth, index =>
        {
            AppendKey(entries[index].Key);
            _builder.Append(_keySeparator);
            Append(entries[index].Value, depth + 1);
        });
    }

    private void AppendKey(TemplateValue key)
    {
        if (key is TextValue text)
            AppendString(text);
        else
            AppendString(Numbers.IsData(key) ? TextValue.OfData(Scalar(key)) : TextValue.Own(Scalar(key)));
    }

    private void AppendItems(char open, int count, char close, int depth, Action<int> append)
    {
        _builder.Append([open]);
        for (int i = 0; i < count; i++)
        {
            _builder.Append(i > 0 ? _itemSeparator : "");
            AppendLineBreak(depth + 1);
            append(i);
        }

        if (count > 0)
            AppendLineBreak(depth);
        _builder.Append([close]);
    }

    private void AppendLineBreak(int depth)
    {
        if (_indent is null)
            return;
        _builder.Append("\n");
        for (int i = 0; i < depth; i++)
            _builder.Append(_indent);
    }

    private void AppendString(TextValue text)
    {
        if (text.HasData)
            _builder.MarkAsData();
        _context.ChargeText(text.Text.Length, 0);
        _context.ChargeCharacters(text.Text.Length);
        var quoted = new StringBuilder(text.Text.Length + 2);
        JsonLiteral.AppendString(quoted, text.Text, _escapesUnicode);
        foreach (ReadOnlyMemory<char> chunk in quoted.GetChunks())
            _builder.Append(chunk.Span);
    }
}
