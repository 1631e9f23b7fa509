using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Llama2.Chat.Tools;

/// <summary>
/// Writes the JSON of tools in prompts. A space follows each comma and colon, as in most JSON that models have seen. In strings, <c>&lt;</c> is
/// escaped, so that no string can contain a tag; all other characters that JSON allows are written unchanged.
/// </summary>
internal static class ToolJson
{
    // The depth to which System.Text.Json reads documents by default.
    private const int MaxDepth = 64;
    // Vocabularies that normalize text by NFKC turn these characters into '<'.
    private const char SmallLessThan = '\uFE64', FullWidthLessThan = '\uFF1C';

    /// <summary>Writes the schema of the object that contains a tool's arguments.</summary>
    /// <param name="schema">The schema; null for an object without properties.</param>
    /// <param name="name">The tool's name, for the error message.</param>
    public static string OfObject(JsonElement? schema, string name)
    {
        const string Empty = """{"type": "object", "properties": {}, "additionalProperties": false}""";
        switch (schema)
        {
            case null:
                return Empty;
            case { ValueKind: JsonValueKind.True }:
                return """{"type": "object"}""";
            case { ValueKind: JsonValueKind.Object } value when !value.TryGetProperty("type"u8, out JsonElement type):
                string members = Write(value)[1..];
                return """{"type": "object" """.TrimEnd() + (members == "}" ? "" : ", ") + members;
            case { ValueKind: JsonValueKind.Object } value when value.GetProperty("type"u8) is { ValueKind: JsonValueKind.String } type && type.ValueEquals("object"u8):
                return Write(value);
            default:
                throw new ArgumentException($"The parameters of the tool '{name}' are described by {Shorten(schema.Value.GetRawText())}; a schema of the type 'object' is needed.", nameof(schema));
        }
    }

    /// <summary>Writes a text as a JSON string, with its quotes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char character in text)
        {
            _ = character switch
            {
                '"' or '\\' => quoted.Append('\\').Append(character),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or '<' or SmallLessThan or FullWidthLessThan => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Writes a value in one line.</summary>
    /// <exception cref="ArgumentException">The value is nested deeper than 64 levels, or a string in it is not valid Unicode.</exception>
    public static string Write(JsonElement value)
    {
        var text = new StringBuilder();
        try
        {
            Append(text, value, depth: 0);
        }
        catch (InvalidOperationException exception)
        {
            // JSON may escape half of a surrogate pair (RFC 8259 §8.2), which is not valid text.
            throw new ArgumentException("A string in the JSON of a tool has half of a surrogate pair; strings must consist of whole characters.", nameof(value), exception);
        }

        return text.ToString();
    }

    /// <summary>The result of a tool: JSON in one line if the text is a JSON value other than a string; otherwise the text in quotes.</summary>
    public static string OfResult(string text)
    {
        try
        {
            return JsonElement.Parse(text) is { ValueKind: not JsonValueKind.String } value ? Write(value) : Quote(text);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // A text with half of a surrogate pair, which is not valid Unicode, causes an ArgumentException.
            return Quote(text);
        }
    }

    private static void Append(StringBuilder text, JsonElement value, int depth)
    {
        if (depth > MaxDepth)
            throw new ArgumentException($"The JSON of a tool is nested deeper than {MaxDepth} levels; a model could not write it.", nameof(value));
        string separator = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    text.Append(separator).Append(Quote(property.Name)).Append(": ");
                    Append(text, property.Value, depth + 1);
                    separator = ", ";
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(separator);
                    Append(text, item, depth + 1);
                    separator = ", ";
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                text.Append(Quote(value.GetString()!));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
