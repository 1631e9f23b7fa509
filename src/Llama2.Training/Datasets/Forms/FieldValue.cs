using System.Text.Json;

namespace Llama2.Training.Datasets.Forms;

/// <summary>Reads values of fields; the message of an exception names the place of the field.</summary>
internal static class FieldValue
{
    private const int MaxQuotedLength = 40;

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null or JsonValueKind.Undefined => "null",
        _ => "true or false",
    };

    /// <summary>A list or object without content (which may be written as a text in JSON), or an empty text.</summary>
    public static bool IsEmpty(JsonElement value) =>
        IsBlank(value) || (value.ValueKind == JsonValueKind.String && (value.ValueEquals("[]"u8) || value.ValueEquals("{}"u8) || value.ValueEquals("null"u8)));

    /// <summary>A text, list or object without content.</summary>
    public static bool IsBlank(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals(""u8) || string.IsNullOrWhiteSpace(Text(value, "a field")),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        _ => false,
    };

    public static string Text(JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            string remedy = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("0"u8, out _)
                ? "; the file seems to have one object for each column, so write it with one object for each record (orient='records' in pandas)"
                : "";
            throw new RecordFaultException($"{place} is {Kind(value)}; a text is needed{remedy}");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new RecordFaultException($"{place} is not UTF-8, or contains half of a surrogate pair");
        }
    }

    public static JsonElement List(JsonElement value, string place, string content)
    {
        JsonElement list = value.ValueKind == JsonValueKind.String ? Json(value, place, $"a list of {content}") : value;
        return list.ValueKind == JsonValueKind.Array ? list : throw new RecordFaultException($"{place} is {Kind(value)}; a list of {content} is needed");
    }

    /// <summary>Parses a text that is JSON.</summary>
    /// <param name="value">The text.</param>
    /// <param name="place">The place of the field.</param>
    /// <param name="needed">What the JSON has to be, for messages.</param>
    public static JsonElement Json(JsonElement value, string place, string needed)
    {
        try
        {
            return JsonElement.Parse(Text(value, place));
        }
        catch (JsonException)
        {
            throw new RecordFaultException($"{place} is a text that is not JSON; {needed} is needed, with double quotes around names and texts");
        }
    }

    public static bool? Flag(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetDouble(out double number) ? number switch { 0 => false, 1 => true, _ => null } : null,
        JsonValueKind.String => Text(value, "a field").Trim() switch
        {
            "true" or "True" or "TRUE" or "1" or "1.0" => true,
            "false" or "False" or "FALSE" or "0" or "0.0" => false,
            _ => null,
        },
        _ => null,
    };

    /// <summary>A value as a message shows it: shortened.</summary>
    public static string Quote(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= MaxQuotedLength ? text : text[..MaxQuotedLength] + "…";
    }
}
