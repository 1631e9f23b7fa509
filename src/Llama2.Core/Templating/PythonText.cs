using System.Globalization;
using System.Text;

namespace Llama2.Templating;

/// <summary>Values as Python's <c>str</c> and <c>repr</c> write them.</summary>
internal static class PythonText
{
    // Steps that a value in a list or dict is charged: with its separators it takes several pieces.
    private const int StepCount = 4;

    /// <summary>What printing a value gives. A list or dict with data in it is data as a whole.</summary>
    public static TextValue Of(RenderContext context, TemplateValue value)
    {
        switch (value)
        {
            case TextValue text:
                return text;
            case UndefinedValue:
                return TextValue.Empty;
            case ListValue or DictionaryValue:
                var builder = new TextBuilder(context);
                Append(context, builder, value);
                return builder.ToValue();
            default:
                context.Step();
                context.ChargeText(0, 0);
                return TextValue.Own(Scalar(value));
        }
    }

    /// <summary>A text that an argument gives.</summary>
    public static TextValue Require(RenderContext context, TemplateValue? value, string what) => value switch
    {
        TextValue text => text,
        UndefinedValue undefined => throw context.Fault(undefined.Reason),
        null => throw context.Fault($"{what} is missing"),
        _ => throw context.Fault($"{what} is of type {value.TypeName}", "it must be a string"),
    };

    /// <summary>A number as Python writes it: the shortest digits that give it back, with an exponent below 1e-4 and from 1e16 on.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        // The digits one by one with the exponent of the first: -d.ddddE+xxx.
        string[] parts = value.ToString("E16", CultureInfo.InvariantCulture).Split('E');
        int exponent = int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        if (value != 0 && exponent is < -4 or >= 16)
        {
            string digits = Digits(shortest), mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{(value < 0 ? "-" : "")}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (shortest.Contains('E'))
            shortest = decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        return shortest.Contains('.') ? shortest : shortest + ".0";
    }

    private static string Digits(string number)
    {
        string mantissa = number.Split('E')[0].TrimStart('-').Replace(".", "", StringComparison.Ordinal);
        string digits = mantissa.TrimStart('0').TrimEnd('0');
        return digits.Length == 0 ? "0" : digits;
    }

    private static string Scalar(TemplateValue value) => value switch
    {
        NoneValue => "None",
        BooleanValue boolean => boolean.Value ? "True" : "False",
        IntegerValue integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        DoubleValue number => Number(number.Value),
        UndefinedValue => "Undefined",
        FunctionValue function => $"<function {function.Name}>",
        _ => $"<{value.TypeName}>",
    };

    // Recursion is as deep as values are, at most TemplateLimits.MaxDepth.
    private static void Append(RenderContext context, TextBuilder builder, TemplateValue value)
    {
        context.Step(StepCount);
        switch (value)
        {
            case TextValue text:
                AppendQuoted(context, builder, text);
                break;
            case ListValue list:
                builder.Append(list.IsTuple ? "(" : "[");
                for (int i = 0; i < list.Count; i++)
                {
                    builder.Append(i > 0 ? ", " : "");
                    Append(context, builder, list.Items[i]);
                }

                builder.Append(list.IsTuple ? (list.Count == 1 ? ",)" : ")") : "]");
                break;
            case DictionaryValue dictionary:
                builder.Append("{");
                for (int i = 0; i < dictionary.Count; i++)
                {
                    builder.Append(i > 0 ? ", " : "");
                    AppendQuoted(context, builder, dictionary.Entries[i].Key);
                    builder.Append(": ");
                    Append(context, builder, dictionary.Entries[i].Value);
                }

                builder.Append("}");
                break;
            default:
                builder.Append(Scalar(value));
                break;
        }
    }

    private static void AppendQuoted(RenderContext context, TextBuilder builder, TextValue text)
    {
        if (text.HasData)
            builder.MarkAsData();
        context.ChargeText(text.Text.Length, 0);
        char quote = text.Text.Contains('\'') && !text.Text.Contains('"') ? '"' : '\'';
        var quoted = new StringBuilder(text.Text.Length + 2).Append(quote);
        for (int i = 0; i < text.Text.Length; i++)
        {
            if (char.IsSurrogatePair(text.Text, i))
                quoted.Append(text.Text, i++, 2);
            else
                AppendEscaped(quoted, text.Text[i], quote);
        }

        foreach (ReadOnlyMemory<char> chunk in quoted.Append(quote).GetChunks())
            builder.Append(chunk.Span);
    }

    private static void AppendEscaped(StringBuilder quoted, char character, char quote)
    {
        _ = character switch
        {
            '\n' => quoted.Append("\\n"),
            '\r' => quoted.Append("\\r"),
            '\t' => quoted.Append("\\t"),
            '\\' => quoted.Append("\\\\"),
            ' ' => quoted.Append(' '),
            _ when character == quote => quoted.Append('\\').Append(character),
            _ when IsPrintable(character) => quoted.Append(character),
            <= '\xff' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}"),
            _ => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
        };
    }

    private static bool IsPrintable(char character) => char.GetUnicodeCategory(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
