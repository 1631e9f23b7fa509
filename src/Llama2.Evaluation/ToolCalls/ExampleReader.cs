using System.Text.Json;

namespace Llama2.Evaluation.ToolCalls;

/// <summary>Reads the members of an example. A <see cref="FormatException"/> says what is missing or has the wrong type.</summary>
internal static class ExampleReader
{
    public static JsonElement Member(JsonElement value, string name, JsonValueKind kind) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out JsonElement member) && member.ValueKind == kind
            ? member
            : throw new FormatException($"it has no {Describe(kind)} '{name}'");

    public static string Text(JsonElement value, string name) => Member(value, name, JsonValueKind.String).GetString()!;

    public static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException("a value is not a text");

    public static JsonElement.ArrayEnumerator Items(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw new FormatException($"'{name}' is not a list");

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "list",
        _ => "text",
    };
}
