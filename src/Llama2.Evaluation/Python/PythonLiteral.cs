using System.Globalization;
using System.Numerics;
using System.Text;
using Llama2.Templating.Limits;
using Llama2.Templating.Syntax;
using Llama2.Templating.Values;

namespace Llama2.Evaluation.Python;

/// <summary>
/// Reads Python literals: strings, numbers, <c>True</c>, <c>False</c>, <c>None</c>, and lists, tuples and dicts of them, as <c>ast.literal_eval</c>
/// does (https://docs.python.org/3.11/library/ast.html). Bytes, sets, complex numbers and names of characters (<c>\N{…}</c>) are not supported.
/// </summary>
internal sealed class PythonLiteral
{
    private const int MaxDepth = 32, MaxDigitCount = TemplateLimits.MaxDigitCount;
    private readonly string _text;
    private int _offset, _depth;

    private PythonLiteral(string text) => _text = text;

    /// <summary>Reads a literal; null if the text is none.</summary>
    /// <exception cref="PromptTemplateException">A string has a malformed escape.</exception>
    public static TemplateValue? Read(string text)
    {
        var reader = new PythonLiteral(text.TrimStart(' ', '\t'));
        TemplateValue? value = reader.ReadTuple();
        reader.SkipSpace();
        return reader._offset == reader._text.Length ? value : null;
    }

    private char Current => _offset < _text.Length ? _text[_offset] : '\0';

    // A value, or several with commas between them, which are a tuple.
    private TemplateValue? ReadTuple()
    {
        TemplateValue? first = ReadValue();
        if (first is null || !Take(','))
            return first;
        List<TemplateValue> items = [first];
        return ReadItems(items, '\0') ? new ListValue([.. items], ListKind.Tuple) : null;
    }

    private TemplateValue? ReadValue()
    {
        SkipSpace();
        switch (Current)
        {
            case '[' or '(' or '{' when _depth >= MaxDepth:
                return null;
            case '[':
                return Nested(() => ReadItems([], ']', out List<TemplateValue> items) ? new ListValue([.. items]) : null);
            case '(':
                return Nested(ReadParentheses);
            case '{':
                return Nested(ReadDictionary);
            case '+' or '-':
                return ReadSigned();
            case '.' or (>= '0' and <= '9'):
                return ReadNumber();
            case '\'' or '"':
                return ReadStrings();
            default:
                return ReadWord();
        }
    }

    private TemplateValue? Nested(Func<TemplateValue?> read)
    {
        _offset++;
        _depth++;
        TemplateValue? value = read();
        _depth--;
        return value;
    }

    private TemplateValue? ReadParentheses()
    {
        if (Take(')'))
            return ListValue.Tuple();
        TemplateValue? first = ReadValue();
        if (first is null || Take(')'))
            return first;
        List<TemplateValue> items = [first];
        return Take(',') && ReadItems(items, ')') ? new ListValue([.. items], ListKind.Tuple) : null;
    }

    private DictionaryValue? ReadDictionary()
    {
        var entries = new List<KeyValuePair<TemplateValue, TemplateValue>>();
        while (!Take('}'))
        {
            if (ReadValue() is not { } key || key is ListValue { Kind: ListKind.List } or DictionaryValue || !Take(':') || ReadValue() is not { } value)
                return null;
            entries.Add(KeyValuePair.Create(key, value));
            if (!Take(',') && Current != '}')
                return null;
        }

        return new DictionaryValue(entries);
    }

    private bool ReadItems(List<TemplateValue> start, char end, out List<TemplateValue> items)
    {
        items = start;
        return ReadItems(items, end);
    }

    // Reads items up to the closing bracket, or up to the end of the text.
    private bool ReadItems(List<TemplateValue> items, char end)
    {
        while (true)
        {
            SkipSpace();
            if (end == '\0' ? _offset == _text.Length : Take(end))
                return true;
            if (ReadValue() is not { } item)
                return false;
            items.Add(item);
            if (!Take(',') && !(end == '\0' ? _offset == _text.Length : Current == end))
                return false;
        }
    }

    private TemplateValue? ReadSigned()
    {
        bool isNegative = _text[_offset++] == '-';
        SkipSpace();
        return ReadNumber() switch
        {
            IntegerValue integer => IntegerValue.Of(isNegative ? -integer.Value : integer.Value),
            DoubleValue number => new DoubleValue(isNegative ? -number.Value : number.Value),
            _ => null,
        };
    }

    private TemplateValue? ReadNumber()
    {
        int start = _offset;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '.' or '_' || (Current is '+' or '-' && _text[_offset - 1] is 'e' or 'E' && _offset - start > 1 && _text[start] is not '0'))
            _offset++;
        string digits = _text[start.._offset];
        if (digits.Contains("__", StringComparison.Ordinal) || digits.EndsWith('_') || digits.StartsWith('_') || digits.Length > MaxDigitCount)
            return null;
        digits = digits.Replace("_", "", StringComparison.Ordinal);
        if (digits.Length > 0 && digits.All(char.IsAsciiDigit))
            return digits[0] != '0' || digits.All(digit => digit == '0') ? IntegerValue.Of(BigInteger.Parse(digits, CultureInfo.InvariantCulture)) : null;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return BigInteger.TryParse($"0{digits[2..]}", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out BigInteger value) ? IntegerValue.Of(value) : null;
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number) ? new DoubleValue(number) : null;
    }

    // Strings that stand next to each other are one string.
    private TextValue? ReadStrings()
    {
        var text = new StringBuilder();
        bool isRaw = false;
        do
        {
            if (ReadString(isRaw) is not { } part)
                return null;
            text.Append(part);
            SkipSpace();
            isRaw = TakePrefix();
        }
        while (Current is '\'' or '"');
        return TextValue.OfData(text.ToString());
    }

    private string? ReadString(bool isRaw)
    {
        char quote = Current;
        string end = _text.AsSpan(_offset).StartsWith([quote, quote, quote]) ? new string(quote, 3) : quote.ToString();
        int start = _offset + end.Length;
        for (int i = start; i < _text.Length; i++)
        {
            if (_text[i] == '\\')
            {
                i++;
            }
            else if (_text[i] is '\n' or '\r' && end.Length == 1)
            {
                return null;
            }
            else if (string.CompareOrdinal(_text, i, end, 0, end.Length) == 0)
            {
                _offset = i + end.Length;
                return isRaw ? _text[start..i] : StringEscapes.Decode(new SourceText(_text[start..i], keepsTrailingNewline: true), 0, i - start);
            }
        }

        return null;
    }

    private TemplateValue? ReadWord()
    {
        if (TakePrefix() is bool isRaw && Current is '\'' or '"')
            return isRaw ? ReadString(isRaw: true) is { } text ? TextValue.OfData(text) : null : ReadStrings();
        int start = _offset;
        while (char.IsAsciiLetter(Current))
            _offset++;
        return _text[start.._offset] switch
        {
            "True" => BooleanValue.Of(true),
            "False" => BooleanValue.Of(false),
            "None" => NoneValue.Instance,
            _ => null,
        };
    }

    // Takes the letters before a string; returns whether they make it raw.
    private bool TakePrefix()
    {
        if (_offset + 1 >= _text.Length || Current is not ('r' or 'R' or 'u' or 'U') || _text[_offset + 1] is not ('\'' or '"'))
            return false;
        return _text[_offset++] is 'r' or 'R';
    }

    private bool Take(char expected)
    {
        SkipSpace();
        bool isNext = Current == expected && _offset < _text.Length;
        _offset += isNext ? 1 : 0;
        return isNext;
    }

    // Line breaks are only allowed in brackets, and at the end.
    private void SkipSpace()
    {
        while (_offset < _text.Length && (Current is ' ' or '\t' or '\f' || (Current is '\n' or '\r' && (_depth > 0 || string.IsNullOrWhiteSpace(_text[_offset..])))))
            _offset++;
    }
}
