using System.Numerics;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Python's <c>format % values</c>.</summary>
internal sealed class PercentFormat
{
    private readonly RenderContext _context;
    private readonly TextValue _format;
    private readonly TemplateValue _values;
    private readonly TextBuilder _builder;
    private int _offset, _usedCount;

    private PercentFormat(RenderContext context, TextValue format, TemplateValue values)
    {
        _context = context;
        _format = format;
        _values = values;
        _builder = new TextBuilder(context);
    }

    /// <summary>Formats values.</summary>
    /// <param name="context">The rendering.</param>
    /// <param name="format">The format.</param>
    /// <param name="values">A tuple of values, a dict of named values, or one value.</param>
    public static TextValue Apply(RenderContext context, TextValue format, TemplateValue values) => new PercentFormat(context, format, values).Fill();

    private TextValue Fill()
    {
        string text = _format.Text;
        _context.ChargeScan(text.Length);
        while (true)
        {
            int found = text.IndexOf('%', _offset);
            int end = found < 0 ? text.Length : found;
            _builder.Append(_format, _offset, end - _offset);
            if (found < 0)
                break;
            _offset = found + 1;
            AppendConversion(found);
        }

        // If the values have keys, the format may use the values by name, and need not use all of them.
        int count = _values is ListValue { Kind: ListKind.Tuple } tuple ? tuple.Count : _values is DictionaryValue or ListValue { IsIndexed: true } or UndefinedValue ? 0 : 1;
        if (_usedCount < count)
            throw _context.Fault($"a format takes {_usedCount} of {count} values", "it must take all of them");
        return _builder.ToValue().WithMarkup(_format.IsMarkup);
    }

    private void AppendConversion(int start)
    {
        _context.Step();
        TemplateValue? named = At() == '(' ? Named() : null;
        string flags = "";
        for (; At() is '-' or '+' or ' ' or '#' or '0'; _offset++)
            flags = flags.Contains(At()) ? flags : flags + At();
        long width = ReadNumber() ?? 0;
        if (width < 0)
            (width, flags) = (-width, flags + "-");
        long? precision = null;
        if (At() == '.')
        {
            _offset++;
            precision = Math.Max(ReadNumber() ?? 0, 0);
        }

        if (At() is 'h' or 'l' or 'L')
            _offset++;
        if (_offset >= _format.Text.Length)
            throw _context.Fault("a format ends within a conversion", remedy: "write '%%' for the character '%'");
        char letter = _format.Text[_offset++];
        if (letter == '%')
        {
            _builder.Append(_format, _offset - 1, 1);
            return;
        }

        TextValue converted = Convert(letter, named ?? Next(), flags, width, precision);
        // A conversion specifier from the conversation may add characters of its own, so all characters of the result count as data.
        bool isData = _format.CountData(start, _offset) > 0;
        _builder.Append(isData ? TextValue.OfData(converted.Text) : converted);
    }

    private char At() => _offset < _format.Text.Length ? _format.Text[_offset] : '\0';

    private TemplateValue Named()
    {
        int depth = 0, start = _offset + 1;
        for (; _offset < _format.Text.Length; _offset++)
        {
            depth += _format.Text[_offset] == '(' ? 1 : _format.Text[_offset] == ')' ? -1 : 0;
            if (depth == 0)
                break;
        }

        if (depth != 0)
            throw _context.Fault("a name in a format is not closed", remedy: "write ')' after it");
        if (_values is not DictionaryValue dictionary)
            throw _context.Fault($"a format with names is given {_values.TypeName}", "it takes a dict");
        string name = _format.Text[start.._offset++];
        return dictionary.Find(_context, TextValue.Own(name)) ?? throw _context.Fault($"a format names '{name}'", "the dict has no such key");
    }

    private TemplateValue Next()
    {
        int index = _usedCount++;
        if (_values is ListValue { Kind: ListKind.Tuple } tuple)
            return index < tuple.Count ? tuple.Items[index] : throw TooFew();
        return index == 0 ? _values : throw TooFew();

        PromptTemplateException TooFew() => _context.Fault("a format takes more values than it is given");
    }

    private long? ReadNumber()
    {
        if (At() == '*')
        {
            _offset++;
            return Numbers.Require(_context, Next(), "a width or precision of a format", 0);
        }

        long? number = null;
        for (; char.IsAsciiDigit(At()); _offset++)
        {
            number = (10 * (number ?? 0)) + (At() - '0');
            if (number > int.MaxValue)
                throw _context.Fault("the width in a format has too many digits", $"at most {_context.Limits.MaxTextLength} characters are allowed");
        }

        return number;
    }

    private TextValue Convert(char letter, TemplateValue value, string flags, long width, long? precision)
    {
        char alignment = flags.Contains('-') ? '<' : '>';
        TextValue blank = TextValue.Own(" ");
        switch (letter)
        {
            case 's' or 'r' or 'a':
                TextValue text = letter == 's' ? PythonText.Soft(_context, value) : PythonText.Representation(_context, value, isAscii: letter == 'a');
                text = HtmlText.For(_context, _format, text);
                if (precision is long count)
                {
                    var characters = new CodePoints(_context, text.Text);
                    text = text.Slice(_context, 0, characters.Start((int)Math.Min(count, characters.Count)));
                }

                return TextPadding.Pad(_context, text, width, alignment, blank);
            case 'c':
                return TextPadding.Pad(_context, Character(value), width, alignment, blank);
            case 'd' or 'i' or 'u' or 'o' or 'x' or 'X':
                return Arrange(value, OfInteger(letter, value, flags.Contains('#'), precision), flags, width);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                return Arrange(value, OfDouble(letter, value, flags.Contains('#'), precision), flags, width);
            default:
                throw _context.Fault($"a format has the conversion '%{letter}'", "the letter must be one of d i u o x X e E f F g G c r s a");
        }
    }

    private TextValue Character(TemplateValue value)
    {
        if (value is TextValue text && new CodePoints(_context, text.Text).Count == 1)
            return text;
        if (!Numbers.IsInteger(value))
            throw _context.Fault($"'%c' is given {value.TypeName}", "it takes a character or its code");
        string character = ValueFormat.Character(_context, Numbers.ToInteger(value));
        return Numbers.IsData(value) ? TextValue.OfData(character) : TextValue.Own(character);
    }

    private (bool IsNegative, string Prefix, string Digits) OfInteger(char letter, TemplateValue value, bool isAlternative, long? precision)
    {
        if (value is UndefinedValue undefined)
            throw _context.Fault(undefined.Reason);
        BigInteger number = Numbers.IsInteger(value) ? Numbers.ToInteger(value)
            : value is DoubleValue real && double.IsFinite(real.Value) && letter is ('d' or 'i' or 'u') ? new BigInteger(real.Value)
            : throw _context.Fault($"'%{letter}' is given {value.TypeName}", "it takes a whole number");
        int numberBase = letter switch { 'o' => 8, 'x' or 'X' => 16, _ => 10 };
        string digits = IntegerText.Of(_context, BigInteger.Abs(number), numberBase);
        if (precision is long count)
        {
            _context.ChargeText(count, 0);
            digits = digits.PadLeft((int)count, '0');
        }

        return (number.Sign < 0, isAlternative && numberBase != 10 ? "0" + letter : "", letter == 'X' ? digits.ToUpperInvariant() : digits);
    }

    private (bool IsNegative, string Prefix, string Digits) OfDouble(char letter, TemplateValue value, bool isAlternative, long? precision)
    {
        if (!Numbers.IsNumber(value))
            throw _context.Fault(value is UndefinedValue undefined ? undefined.Reason : $"'%{letter}' is given {value.TypeName}", "it takes a number");
        double number = Numbers.ToDouble(_context, value), magnitude = Math.Abs(number);
        _context.ChargeText(precision ?? 0, 0);
        DoubleText.ChargeDigits(_context, precision ?? 0);
        int digitCount = (int)(precision ?? 6);
        string digits = !double.IsFinite(number) ? DoubleText.NotFinite(magnitude) : char.ToLowerInvariant(letter) switch
        {
            'e' => ValueFormat.Scientific(magnitude, digitCount, isAlternative, 'e'),
            'f' => DoubleText.Fixed(magnitude, digitCount) + (digitCount == 0 && isAlternative ? "." : ""),
            _ => ValueFormat.General(magnitude, digitCount, isAlternative, 'e'),
        };
        return (double.IsNegative(number) && !double.IsNaN(number), "", char.IsUpper(letter) ? digits.ToUpperInvariant() : digits);
    }

    private TextValue Arrange(TemplateValue value, (bool IsNegative, string Prefix, string Digits) number, string flags, long width)
    {
        string sign = number.IsNegative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";
        TextValue before = TextValue.Own(sign + number.Prefix), digits = Numbers.IsData(value) ? TextValue.OfData(number.Digits) : TextValue.Own(number.Digits);
        if (flags.Contains('0') && !flags.Contains('-'))
            digits = TextPadding.Pad(_context, digits, width - before.Text.Length, '>', TextValue.Own("0"));
        return TextPadding.Pad(_context, TextValue.Concatenate(_context, [before, digits]), width, flags.Contains('-') ? '<' : '>', TextValue.Own(" "));
    }
}
