using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>
/// The schema of the parameters of a .NET method. Microsoft.Extensions.AI describes a <see cref="TimeOnly"/> by the format <c>time</c>, which demands an offset
/// (RFC 3339, "12:30:00Z"); the deserialization of a <see cref="TimeOnly"/> refuses every text with an offset. A call whose arguments fit the format
/// could therefore never be executed.
/// </summary>
internal static class MethodSchema
{
    // This pattern does not allow fractions of a second, because they are optional and would make the description longer.
    private const string TimePattern = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$";

    /// <summary>Returns a function's schema. If the function is a .NET method, the schema describes times without an offset.</summary>
    public static JsonElement Of(AIFunctionDeclaration function)
    {
        JsonElement schema = function.JsonSchema;
        return function is AIFunction { UnderlyingMethod: not null } && schema.ValueKind == JsonValueKind.Object ? WithoutOffsets(schema) : schema;
    }

    private static JsonElement WithoutOffsets(JsonElement schema)
    {
        var root = JsonObject.Create(schema)!;
        bool isChanged = false;
        var pending = new Stack<JsonNode?>([root]);
        while (pending.TryPop(out JsonNode? next))
        {
            if (next is JsonArray list)
            {
                foreach (JsonNode? item in list)
                    pending.Push(item);
            }

            if (next is not JsonObject node)
                continue;
            foreach ((_, JsonNode? member) in node)
                pending.Push(member);
            if (IsTime(node))
            {
                node.Remove("format");
                node["pattern"] = TimePattern;
                isChanged = true;
            }
        }

        return isChanged ? JsonElement.Parse(root.ToJsonString()) : schema;
    }

    // A parameter may have the name "format"; the value of "format" is then a schema, and not a text.
    private static bool IsTime(JsonObject node) =>
        node["format"] is JsonValue format && format.TryGetValue(out string? name) && name == "time" && !node.ContainsKey("pattern") && node.ContainsKey("type");
}
