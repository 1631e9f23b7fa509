using System.Text.Json;

namespace Llama2.Evaluation.Reports;

/// <summary>Fields of untrusted JSON objects. What is absent or has another type is null.</summary>
internal static class JsonFields
{
    public static JsonElement? Member(this JsonElement value, string name)
        => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement member) ? member : null;

    public static IEnumerable<JsonProperty> Members(this JsonElement value, string name)
        => value.Member(name) is { ValueKind: JsonValueKind.Object } member ? member.EnumerateObject() : [];

    public static IEnumerable<JsonElement> Items(this JsonElement value, string name)
        => value.Member(name) is { ValueKind: JsonValueKind.Array } member ? member.EnumerateArray() : [];

    public static string? Text(this JsonElement value, string name)
        => value.Member(name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    public static double? Number(this JsonElement value, string name) => value.Member(name)?.ToNumber();

    /// <summary>A field that is a number from 0 to <see cref="int.MaxValue"/>.</summary>
    public static int? Count(this JsonElement value, string name) => value.Number(name) is double number and >= 0 and <= int.MaxValue ? (int)number : null;

    /// <summary>A number, a truth value as 0 or 1, or a number as Python writes it; null for others.</summary>
    public static double? ToNumber(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDouble(out double number) ? number : null,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => PythonNumber.TryParse(value.GetString()!, out double number) ? number : null,
        _ => null,
    };
}
