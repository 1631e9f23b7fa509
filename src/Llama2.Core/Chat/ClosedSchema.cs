using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Llama2.Chat;

/// <summary>
/// The schema of a tool's parameters without arguments that it does not describe. JSON Schema admits further properties wherever it does not exclude them, and
/// the schemas that are derived from functions do not; but a function has no use for an argument that is not among its parameters, and models
/// that are not sure of a function invent some.
/// </summary>
internal static class ClosedSchema
{
    // With these, a value that fits the closed schema need not fit the given one (what "not" or one branch of "oneOf" no longer describes fits now), or several
    // schemas describe one object and each has only some of its properties.
    private static readonly FrozenSet<string> s_obstacles = FrozenSet.ToFrozenSet(
    [
        "allOf", "contains", "dependencies", "dependentSchemas", "if", "not", "oneOf", "patternProperties", "unevaluatedProperties", "$dynamicRef", "$recursiveRef",
    ]);

    // With these, an object may need properties that are not described.
    private static readonly string[] s_needs = ["additionalProperties", "const", "dependentRequired", "enum", "minProperties"];

    private static readonly JsonDocumentOptions s_reading = new() { AllowDuplicateProperties = false };

    /// <summary>
    /// The schema, in which every object with <c>properties</c> has only these; every value that fits the result fits the given schema too. A schema that combines
    /// schemas of one object, or excludes what fits a schema, is returned as it is.
    /// </summary>
    /// <param name="schema">A JSON text.</param>
    public static string Of(string schema)
    {
        try
        {
            JsonNode? root = JsonNode.Parse(schema, documentOptions: s_reading);
            List<JsonObject> open = [];
            if (!TryFindOpen(root, open))
                return schema;
            foreach (JsonObject node in open)
                node["additionalProperties"] = false;
            return open.Count == 0 ? schema : root!.ToJsonString();
        }
        catch (JsonException)
        {
            // Whoever compiles the schema says what is wrong with it.
            return schema;
        }
    }

    private static bool TryFindOpen(JsonNode? root, List<JsonObject> open)
    {
        var pending = new Stack<JsonNode?>([root]);
        while (pending.TryPop(out JsonNode? next))
        {
            if (next is not JsonObject node)
                continue;
            string[] applied = [.. ((string[])["properties", "$ref", "anyOf"]).Where(node.ContainsKey)];
            if (applied.Length > 1 || node.Any(member => s_obstacles.Contains(member.Key)))
                return false;
            if (IsOpen(node))
                open.Add(node);
            foreach ((string keyword, JsonNode? value) in node)
                Push(keyword, value, pending);
        }

        return true;
    }

    private static bool IsOpen(JsonObject node) =>
        node["properties"] is JsonObject properties
        && !s_needs.Any(node.ContainsKey)
        && (node["required"] as JsonArray ?? []).All(name => name is JsonValue text && text.TryGetValue(out string? key) && properties.ContainsKey(key));

    private static void Push(string keyword, JsonNode? value, Stack<JsonNode?> pending)
    {
        switch (keyword)
        {
            case "items" or "additionalItems" or "additionalProperties" or "unevaluatedItems" when value is JsonObject:
                pending.Push(value);
                break;
            case "properties" or "$defs" or "definitions" when value is JsonObject members:
                foreach ((_, JsonNode? member) in members)
                    pending.Push(member);
                break;
            case "items" or "prefixItems" or "anyOf" when value is JsonArray list:
                foreach (JsonNode? item in list)
                    pending.Push(item);
                break;
            default:
                break;
        }
    }
}
