using System.Text.Json;
using System.Text.Json.Nodes;

namespace Llama2.Evaluation.ToolCalls;

/// <summary>A function of an example, with the types that the leaderboard's data declares for its parameters.</summary>
/// <param name="Tool">The function as a tool.</param>
/// <param name="Parameters">For each parameter: its type, the type of its items if it is a list, and whether it is a float.</param>
/// <param name="Required">The parameters that must have an argument.</param>
internal sealed record ToolFunction(
    LlamaTool Tool, IReadOnlyDictionary<string, (PythonType Type, PythonType? ItemType, bool IsFloat)> Parameters, IReadOnlyList<string> Required)
{
    /// <summary>Reads a function.</summary>
    /// <param name="value">An object with name, description and parameters.</param>
    /// <exception cref="FormatException">The function is malformed, or has a parameter of an unknown type.</exception>
    public static ToolFunction Read(JsonElement value)
    {
        string name = ExampleReader.Text(value, "name");
        string description = value.TryGetProperty("description"u8, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
        JsonElement schema = ExampleReader.Member(value, "parameters", JsonValueKind.Object);
        var parameters = new Dictionary<string, (PythonType, PythonType?, bool)>();
        foreach (JsonProperty property in ExampleReader.Member(schema, "properties", JsonValueKind.Object).EnumerateObject())
        {
            string type = ExampleReader.Text(property.Value, "type");
            PythonType? items = type is "array" or "tuple" && property.Value.TryGetProperty("items"u8, out JsonElement item)
                ? TypeNamed(ExampleReader.Text(item, "type"))
                : null;
            parameters[property.Name] = (TypeNamed(type), items, type == "float");
        }

        string[] required = schema.TryGetProperty("required"u8, out JsonElement list)
            ? [.. ExampleReader.Items(list, "required").Select(item => ExampleReader.Text(item))]
            : [];
        return new ToolFunction(new LlamaTool(name, description, ToSchema(schema)), parameters, required);
    }

    // The data has Python's names of types. A parameter of the type "any" takes a text, or a value of the type that the accepted values have.
    private static PythonType TypeNamed(string name) => name switch
    {
        "string" or "any" => PythonType.Text,
        "integer" => PythonType.Integer,
        "float" => PythonType.Float,
        "boolean" => PythonType.Boolean,
        "array" or "tuple" => PythonType.List,
        "dict" => PythonType.Dictionary,
        _ => throw new FormatException($"the type '{name}' is not known; the types are string, integer, float, boolean, array, tuple, dict and any"),
    };

    private static JsonElement ToSchema(JsonElement parameters)
    {
        var root = JsonObject.Create(parameters)!;
        var pending = new Stack<JsonObject>([root]);
        while (pending.TryPop(out JsonObject? schema))
        {
            if (schema["type"] is JsonValue type && type.TryGetValue(out string? name))
                Rename(schema, name);
            if (schema["items"] is JsonObject items)
                pending.Push(items);
            foreach ((_, JsonNode? property) in schema["properties"] as JsonObject ?? [])
            {
                if (property is JsonObject member)
                    pending.Push(member);
            }
        }

        return JsonElement.Parse(root.ToJsonString());
    }

    private static void Rename(JsonObject schema, string type)
    {
        switch (type)
        {
            case "dict":
                schema["type"] = "object";
                break;
            case "float":
                schema["type"] = "number";
                break;
            case "tuple":
                schema["type"] = "array";
                break;
            case "any":
                schema.Remove("type");
                break;
            default:
                break;
        }
    }
}
