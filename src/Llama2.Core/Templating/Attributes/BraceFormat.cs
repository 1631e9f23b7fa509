using System.Globalization;
using Llama2.Templating.Limits;
using Llama2.Templating.Operations;
using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>
/// Python's <c>str.format</c>, as in jinja2's sandbox: fields in braces. A field names an argument by its position or name; attributes and items, a
/// conversion and a format specification may follow. The specification may contain fields too.
/// </summary>
internal sealed class BraceFormat
{
    private const int MaxNesting = 2;

    // The number of steps that are charged for a field, because a field is split into several parts.
    private const int StepCount = 8;

    private readonly RenderContext _context;
    private readonly CallArguments _arguments;
    private readonly DictionaryValue? _names;
    private readonly bool _escapes;
    private int _nextIndex;
    private bool? _countsItself;

    private BraceFormat(RenderContext context, CallArguments arguments, DictionaryValue? names, bool escapes)
    {
        _context = context;
        _arguments = arguments;
        _names = names;
        _escapes = escapes;
    }

    public static TextValue Apply(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        var format = (TextValue)receiver;
        return new BraceFormat(context, arguments, names: null, format.IsMarkup).Fill(format, MaxNesting).WithMarkup(format.IsMarkup);
    }

    public static TextValue ApplyMap(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        var format = (TextValue)receiver;
        TemplateValue names = arguments.BindPositional(context, "format_map()", 1, 1)[0]!;
        if (names is not DictionaryValue dictionary)
            throw context.Fault($"format_map() is given {names.TypeName}", "it takes a dict");
        return new BraceFormat(context, CallArguments.None, dictionary, format.IsMarkup).Fill(format, MaxNesting).WithMarkup(format.IsMarkup);
    }

    private TextValue Fill(TextValue format, int nesting)
    {
        if (nesting == 0)
            throw _context.Fault("fields of a format are nested too deep", $"at most {MaxNesting} levels are allowed");
        string text = format.Text;
        _context.ChargeScan(text.Length);
        var builder = new TextBuilder(_context);
        int copied = 0;
        for (int i = text.AsSpan().IndexOfAny('{', '}'); i >= 0; i = Next(copied))
        {
            builder.Append(format, copied, i - copied);
            if (i + 1 < text.Length && text[i + 1] == text[i])
            {
                builder.Append(format, i, 1);
                copied = i + 2;
                continue;
            }

            if (text[i] == '}')
                throw _context.Fault("a '}' in a format closes nothing", remedy: "write '}}' for the character '}'");
            int end = EndOfField(text, i);
            Append(builder, format.Slice(_context, i + 1, end - i - 1), nesting);
            copied = end + 1;
        }

        builder.Append(format, copied, text.Length - copied);
        return builder.ToValue();

        int Next(int start)
        {
            int index = text.AsSpan(start).IndexOfAny('{', '}');
            return index < 0 ? -1 : start + index;
        }
    }

    private int EndOfField(string text, int start)
    {
        int depth = 0;
        for (int i = start; i < text.Length; i++)
        {
            if (text[i] == '{')
                depth++;
            else if (text[i] == '}' && --depth == 0)
                return i;
        }

        throw _context.Fault("a '{' in a format is not closed", remedy: "write '{{' for the character '{'");
    }

    private void Append(TextBuilder builder, TextValue field, int nesting)
    {
        _context.Step(StepCount);
        string text = field.Text;
        int end = EndOfName(text);
        TemplateValue value = Find(text[..end]);
        if (end < text.Length && text[end] == '!')
        {
            if (end + 1 >= text.Length || (end + 2 < text.Length && text[end + 2] != ':'))
                throw _context.Fault("a conversion in a format is not one letter", "it must be r, s or a");
            value = Convert(value, text[end + 1]);
            end += 2;
        }

        TextValue specification = end < text.Length ? Fill(field.Slice(_context, end + 1, text.Length - end - 1), nesting - 1) : TextValue.Empty;
        TextValue formatted = _escapes && value is TextValue { IsMarkup: true } && specification.Text.Length == 0
            ? (TextValue)value
            : ValueFormat.Apply(_context, value, specification);
        if (_escapes)
            formatted = HtmlText.Escape(_context, formatted);
        // A specification from the conversation may add characters of its own, so all characters of the result count as data.
        if (specification.HasData)
            formatted = TextValue.OfData(formatted.Text);
        builder.Append(formatted);
    }

    private static int EndOfName(string field)
    {
        bool isInBrackets = false;
        for (int i = 0; i < field.Length; i++)
        {
            isInBrackets = field[i] == '[' || (isInBrackets && field[i] != ']');
            if (!isInBrackets && field[i] is '!' or ':')
                return i;
        }

        return field.Length;
    }

    private TextValue Convert(TemplateValue value, char conversion) => conversion switch
    {
        's' => PythonText.Of(_context, value),
        'r' => PythonText.Representation(_context, value),
        'a' => PythonText.Representation(_context, value, isAscii: true),
        _ => throw _context.Fault($"a format has the conversion '{conversion}'", "it must be r, s or a"),
    };

    private TemplateValue Find(string name)
    {
        _context.ChargeScan(name.Length);
        int end = name.AsSpan().IndexOfAny('.', '[');
        string first = end < 0 ? name : name[..end];
        TemplateValue value = FindArgument(first);
        for (int i = first.Length; i < name.Length;)
        {
            _context.Step();
            if (name[i] == '.')
            {
                int length = name.AsSpan(i + 1).IndexOfAny('.', '[');
                int stop = length < 0 ? name.Length : i + 1 + length;
                value = Members.Attribute(_context, value, TextValue.Own(name[(i + 1)..stop]));
                i = stop;
            }
            else if (name[i] == '[' && name.IndexOf(']', i) is int close and > 0)
            {
                string key = name[(i + 1)..close];
                value = Members.Item(_context, value, int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? IntegerValue.Of(index) : TextValue.Own(key));
                i = close + 1;
            }
            else
            {
                throw _context.Fault($"'{name}' is not a field of a format", remedy: "write a name, then '.attribute' or '[item]'");
            }
        }

        return value;
    }

    private TemplateValue FindArgument(string name)
    {
        bool isNumber = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index);
        if (!isNumber && name.Length > 0)
        {
            return (_names is not null ? _names.Find(_context, TextValue.Own(name)) : FindKeyword(name))
                ?? throw _context.Fault($"a format names '{name}'", "there is no argument of that name");
        }

        if (_countsItself is bool countsItself && countsItself == isNumber)
            throw _context.Fault("some fields of a format are numbered and some are not", remedy: "number all of them, or none");
        _countsItself = !isNumber;
        index = isNumber ? index : _nextIndex++;
        return index < _arguments.Positional.Length
            ? _arguments.Positional[index]
            : throw _context.Fault($"a format asks for argument {index}", $"it is given only {_arguments.Positional.Length}");
    }

    private TemplateValue? FindKeyword(string name)
    {
        _context.Step(_arguments.Keywords.Length);
        foreach ((TextValue keyword, TemplateValue value) in _arguments.Keywords)
        {
            if (keyword.Text == name)
                return value;
        }

        return null;
    }
}
