using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Llama2.Chat.Tools;

/// <summary>
/// Closes the schema of a tool's parameters, so that it permits no arguments that it does not describe. A JSON Schema permits further properties
/// unless it excludes them, and schemas that are derived from functions do not exclude them. However, a function has no use for an argument that is
/// not among its parameters, and models that are unsure of a function invent such arguments.
/// </summary>
internal static class ClosedSchema
{
    // A schema with one of these keywords cannot be closed. With some of them, closing would permit values that the given schema refuses. For example, a closed
    // schema under "not" excludes fewer values, and a value that fits two branches of "oneOf" may fit only one of the closed branches. The other keywords
    // combine several schemas of the same object, each of which names only some of the object's properties.
    private static readonly FrozenSet<string> s_obstacles = FrozenSet.ToFrozenSet(
    [
        "allOf", "contains", "dependencies", "dependentSchemas", "if", "not", "oneOf", "patternProperties", "unevaluatedProperties", "$dynamicRef", "$recursiveRef",
    ]);

    // If an object's schema has one of these keywords, the object may need properties that the schema does not describe.
    private static readonly string[] s_needs = ["additionalProperties", "const", "dependentRequired", "enum", "minProperties"];

    private static readonly JsonDocumentOptions s_reading = new() { AllowDuplicateProperties = false };

    /// <summary>
    /// Returns the schema, changed such that every object with <c>properties</c> may have only these properties. Every value that fits the result
    /// fits the given schema too. The schema is returned unchanged if it combines several schemas of one object, or if it excludes, as with
    /// <c>not</c>, the values that fit a schema.
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
            // The code that compiles the schema reports what is wrong with it.
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
