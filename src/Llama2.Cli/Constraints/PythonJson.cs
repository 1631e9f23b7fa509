using System.Globalization;
using System.Text;
using System.Text.Json;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Constraints;

/// <summary>
/// Writes JSON as Python's <c>json.dumps</c> does: with a space after commas and colons, and in ASCII only. Members keep their order, unless a schema
/// determines a different one. Numbers keep their digits. Most of the JSON in the training data of fine-tuned models has this form.
/// </summary>
internal static class PythonJson
{
    /// <summary>Parses a line and writes its value.</summary>
    /// <exception cref="CommandException">
    /// The line is not UTF-8, is not JSON or has too many values for its length, or a name has half of a surrogate pair.
    /// </exception>
    public static string Parse(ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = JsonLine.Parse(line);
        return Write(document.RootElement);
    }

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="order">The order in which the members of all objects in the value are written; null to keep the order that they have.</param>
    /// <exception cref="CommandException">A name has half of a surrogate pair.</exception>
    public static string Write(JsonElement value, SchemaOrder? order = null)
    {
        var text = new StringBuilder();
        Write(text, value, order);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonElement value, SchemaOrder? order)
    {
        string before = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach ((string name, JsonElement member) in order?.Sort() ?? value.EnumerateObject().Select(member => (NameOf(member), member.Value)))
                {
                    text.Append(before);
                    WriteString(text, name);
                    text.Append(": ");
                    Write(text, member, order?.OfProperty(name));
                    before = ", ";
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                int index = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(before);
                    Write(text, item, order?.OfItem(index++));
                    before = ", ";
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(text, JsonText.Read(value));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException exception)
        {
            throw new CommandException("a name has half of a surrogate pair, which is not valid text.", exception);
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
                < ' ' or > '~' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        text.Append('"');
    }
}
