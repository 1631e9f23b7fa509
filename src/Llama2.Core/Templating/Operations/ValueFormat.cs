using System.Buffers;
using System.Numerics;
using System.Text;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Python's <c>format(value, specification)</c>.</summary>
internal static class ValueFormat
{
    private const int GroupLength = 3, BinaryGroupLength = 4, DefaultPrecision = 6;
    private static readonly SearchValues<char> s_hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    public static TextValue Apply(RenderContext context, TemplateValue value, TextValue specification)
    {
        if (specification.Text.Length == 0)
            return PythonText.Of(context, value);
        if (value is not (TextValue or IntegerValue or BooleanValue or DoubleValue))
            throw context.Fault($"a value of type {value.TypeName} is formatted with '{specification.Text}'", "only texts and numbers can be");
        var parsed = FormatSpecification.Parse(context, specification, isNumber: value is not TextValue);
        if (value is TextValue text)
            return OfText(context, text, parsed);

        string letter = parsed.Type == '\0' ? "" : parsed.Type.ToString();
        bool isReal = value is DoubleValue || (letter.Length > 0 && "eEfFgG%".Contains(letter, StringComparison.Ordinal));
        (string sign, string prefix, string digits) = isReal
            ? OfDouble(context, Numbers.ToDouble(context, value), parsed)
            : OfInteger(context, Numbers.ToInteger(value), parsed);
        return Arrange(context, parsed, sign, prefix, digits, Numbers.IsData(value), parsed.Type is 'b' or 'o' or 'x' or 'X' ? BinaryGroupLength : GroupLength);
    }

    /// <summary>
    /// The magnitude in the format <c>%g</c>: with an exponent if the magnitude is small, or has more digits before the point than the precision allows.
    /// </summary>
    public static string General(double magnitude, int precision, bool keepsZeros, char letter, bool isPlain = false)
    {
        precision = Math.Max(precision, 1);
        (string digits, int exponent) = DoubleText.Scientific(magnitude, precision - 1);
        bool hasExponent = exponent < -4 || exponent >= precision - (isPlain ? 1 : 0);
        string text = !hasExponent ? DoubleText.Fixed(magnitude, precision - 1 - exponent)
            : digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
        if (!keepsZeros && text.Contains('.'))
            text = text.TrimEnd('0').TrimEnd('.');
        if (keepsZeros && !text.Contains('.'))
            text += ".";
        if (isPlain && !hasExponent && !text.Contains('.'))
            text += ".0";
        return hasExponent ? text + DoubleText.Exponent(letter, exponent) : text;
    }

    /// <summary>The magnitude in the format <c>%e</c>.</summary>
    public static string Scientific(double magnitude, int precision, bool keepsPoint, char letter)
    {
        (string digits, int exponent) = DoubleText.Scientific(magnitude, precision);
        return $"{digits[0]}{(precision > 0 || keepsPoint ? "." : "")}{digits[1..]}{DoubleText.Exponent(letter, exponent)}";
    }

    private static TextValue OfText(RenderContext context, TextValue text, FormatSpecification parsed)
    {
        if (parsed.Type is not ('\0' or 's') || parsed.Sign != '\0' || parsed.IsAlternative || parsed.DropsNegativeZero || parsed.Grouping != '\0' || parsed.Alignment == '=')
            throw context.Fault("a text is formatted as if it were a number", "its specification may have only a fill character, an alignment, a width and a precision");
        if (parsed.Precision is int precision)
        {
            var characters = new CodePoints(context, text.Text);
            text = text.Slice(context, 0, characters.Start(Math.Min(precision, characters.Count)));
        }

        return TextPadding.Pad(context, text.WithMarkup(false), parsed.Width, parsed.Alignment == '\0' ? '<' : parsed.Alignment, parsed.Filling);
    }

    private static (string Sign, string Prefix, string Digits) OfInteger(RenderContext context, BigInteger value, FormatSpecification parsed)
    {
        int numberBase = parsed.Type switch
        {
            '\0' or 'd' or 'n' or 'c' => 10,
            'b' => 2,
            'o' => 8,
            'x' or 'X' => 16,
            _ => throw context.Fault($"a whole number is formatted as '{parsed.Type}'", "the letter must be b, c, d, n, o, x or X"),
        };
        if (parsed.Precision is not null || parsed.DropsNegativeZero)
            throw context.Fault("a whole number is formatted with a precision", "only texts and floats may have one");
        if (parsed.Type == 'c')
            return ("", "", Character(context, value));
        if (parsed.Grouping == ',' && numberBase != 10)
            throw context.Fault($"digits of '{parsed.Type}' are grouped by commas", "they can be grouped by '_' only");
        string digits = IntegerText.Of(context, BigInteger.Abs(value), numberBase);
        string prefix = parsed.IsAlternative && numberBase != 10 ? "0" + parsed.Type : "";
        return (SignOf(value.Sign < 0, parsed), prefix, parsed.Type == 'X' ? digits.ToUpperInvariant() : digits);
    }

    /// <summary>The character with the given code.</summary>
    public static string Character(RenderContext context, BigInteger code) =>
        code >= 0 && code <= 0x10FFFF && Rune.IsValid((int)code)
            ? char.ConvertFromUtf32((int)code)
            : throw context.Fault("a number is formatted as a character", "it must be the code of a character");

    private static (string Sign, string Prefix, string Digits) OfDouble(RenderContext context, double value, FormatSpecification parsed)
    {
        if (parsed.Precision > context.Limits.MaxTextLength)
            throw context.Fault($"a format has a precision of {parsed.Precision}", $"at most {context.Limits.MaxTextLength} characters are allowed");
        context.ChargeText(parsed.Precision ?? 0, 0);
        DoubleText.ChargeDigits(context, parsed.Precision ?? 0);
        char type = parsed.Type;
        if (type is not ('\0' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'n' or '%'))
            throw context.Fault($"a float is formatted as '{type}'", "the letter must be e, E, f, F, g, G, n or %");
        double magnitude = Math.Abs(type == '%' ? value * 100 : value);
        int precision = parsed.Precision ?? DefaultPrecision;
        string digits = !double.IsFinite(value) ? DoubleText.NotFinite(Math.Abs(value)) : type switch
        {
            'e' or 'E' => Scientific(magnitude, precision, parsed.IsAlternative, 'e'),
            'f' or 'F' or '%' => DoubleText.Fixed(magnitude, precision) + (precision == 0 && parsed.IsAlternative ? "." : ""),
            '\0' when parsed.Precision is null => DoubleText.Shortest(magnitude),
            _ => General(magnitude, precision, parsed.IsAlternative, 'e', isPlain: type == '\0'),
        };
        if (type is 'E' or 'F' or 'G')
            digits = digits.ToUpperInvariant();
        bool isNegative = double.IsNegative(value) && !double.IsNaN(value);
        if (parsed.DropsNegativeZero && !digits.AsSpan().ContainsAnyInRange('1', '9') && double.IsFinite(value))
            isNegative = false;
        return (SignOf(isNegative, parsed), "", digits + (type == '%' ? "%" : ""));
    }

    private static string SignOf(bool isNegative, FormatSpecification parsed) => isNegative ? "-" : parsed.Sign is '+' or ' ' ? parsed.Sign.ToString() : "";

    private static TextValue Arrange(RenderContext context, FormatSpecification parsed, string sign, string prefix, string digits, bool isData, int groupLength)
    {
        int lead = digits.AsSpan().IndexOfAnyExcept(s_hexadecimal);
        if (parsed.Type is not ('x' or 'X'))
            lead = digits.AsSpan().IndexOfAnyExceptInRange('0', '9');
        string whole = lead < 0 ? digits : digits[..lead], rest = lead < 0 ? "" : digits[lead..];
        bool fillsWithZeros = parsed.Alignment == '=' && parsed.Filling.Text == "0";
        if (parsed.Grouping != '\0' && whole.Length > 0)
        {
            long width = fillsWithZeros ? parsed.Width - sign.Length - prefix.Length - rest.Length : 0;
            context.ChargeText(Math.Max(width, 2L * whole.Length), 0);
            whole = Group(whole, parsed.Grouping, groupLength, width);
        }

        string body = whole + rest;
        TextValue before = TextValue.Own(sign + prefix), behind = isData ? TextValue.OfData(body) : TextValue.Own(body);
        if (parsed.Alignment == '=')
            return TextValue.Concatenate(context, [before, TextPadding.Pad(context, behind, parsed.Width - before.Text.Length, '>', parsed.Filling)]);
        return TextPadding.Pad(context, TextValue.Concatenate(context, [before, behind]), parsed.Width, parsed.Alignment == '\0' ? '>' : parsed.Alignment, parsed.Filling);
    }

    // Zeros that fill the width are grouped like the digits. Therefore they are added here, before the digits, until the result is wide enough.
    private static string Group(string digits, char separator, int groupLength, long width)
    {
        var grouped = new StringBuilder();
        for (int i = 0; i < digits.Length || grouped.Length < width; i++)
        {
            if (i > 0 && i % groupLength == 0)
                grouped.Append(separator);
            grouped.Append(i < digits.Length ? digits[^(i + 1)] : '0');
        }

        return string.Create(grouped.Length, grouped.ToString(), static (characters, text) =>
        {
            text.CopyTo(characters);
            characters.Reverse();
        });
    }
}
