using System.Globalization;
using System.Text;
using System.Text.Json;
using Llama2.Cli.Constraints;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>JSON text as Python's <c>json.dumps</c> writes it, with the properties of objects in the order of a schema.</summary>
internal static class PythonJson
{
    public static string Write(JsonElement value, SchemaOrder order)
    {
        var text = new StringBuilder();
        Write(text, value, order);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonElement value, SchemaOrder order)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                string before = "";
                foreach ((string name, JsonElement member) in order.Sort())
                {
                    text.Append(before);
                    WriteString(text, name);
                    text.Append(": ");
                    Write(text, member, order.OfProperty(name));
                    before = ", ";
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                for (int i = 0; i < value.GetArrayLength(); i++)
                {
                    text.Append(i > 0 ? ", " : "");
                    Write(text, value[i], order.OfItem(i));
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(WriteNumber(value.GetRawText()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char character in value)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\f' => text.Append("\\f"),
                '\b' => text.Append("\\b"),
                < ' ' or > '\x7f' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }

    // Integers, and numbers with more digits than a float can represent, are written unchanged. Other numbers are written as Python's repr(float) writes them:
    // with the fewest digits, and with an exponent if they are below 1e-4 or at least 1e16.
    private static string WriteNumber(string raw)
    {
        if (raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0 || raw.Count(char.IsAsciiDigit) > 17)
            return raw;
        double value = double.Parse(raw, CultureInfo.InvariantCulture);
        string shortest = Math.Abs(value).ToString("E16", CultureInfo.InvariantCulture);
        for (int precision = 0; precision < 17; precision++)
        {
            shortest = Math.Abs(value).ToString($"E{precision}", CultureInfo.InvariantCulture);
            if (double.Parse(shortest, CultureInfo.InvariantCulture) == Math.Abs(value))
                break;
        }

        string[] parts = shortest.Split('E');
        string digits = parts[0].Replace(".", "", StringComparison.Ordinal);
        int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
        string sign = double.IsNegative(value) ? "-" : "";
        if (exponent is < -4 or >= 16)
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        digits = digits.PadRight(exponent + 1, '0');
        return $"{sign}{digits[..(exponent + 1)]}.{(digits.Length > exponent + 1 ? digits[(exponent + 1)..] : "0")}";
    }
}
