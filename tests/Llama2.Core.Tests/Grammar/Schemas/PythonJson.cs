using System.Globalization;
using System.Text;
using System.Text.Json;
using Llama2.Cli.Constraints;
using Llama2.Templating.Characters;

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
                    JsonLiteral.AppendString(text, name, isAscii: true);
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
                JsonLiteral.AppendString(text, value.GetString()!, isAscii: true);
                break;
            case JsonValueKind.Number:
                text.Append(WriteNumber(value.GetRawText()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    // Integers, and numbers with more digits than a float can represent, are written unchanged.
    private static string WriteNumber(string raw) => raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0 || raw.Count(char.IsAsciiDigit) > 17
        ? raw
        : JsonLiteral.Number(double.Parse(raw, CultureInfo.InvariantCulture));
}
