using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// The constants that a schema demands as values of required properties, such as the value of a property that names the kind of an object. Two
/// schemas with different constants for the same property exclude each other. This test is cheap enough for all pairs of hundreds of alternatives,
/// because it does not combine the two schemas of a pair into one.
/// </summary>
internal sealed class BranchSignature
{
    private const int MaxDepth = 16;

    private readonly Dictionary<string, HashSet<string>> _constants = [];
    private readonly HashSet<string> _required = [];
    private bool _isObject;

    public BranchSignature(SchemaNode node) => Add(node, 0);

    /// <summary>Whether no value can match both schemas.</summary>
    public bool IsDisjointFrom(BranchSignature other)
    {
        if (!_isObject || !other._isObject)
            return false;
        foreach ((string name, HashSet<string> constants) in _constants)
        {
            if (_required.Contains(name) && other._required.Contains(name) && other._constants.TryGetValue(name, out HashSet<string>? others) && !constants.Overlaps(others))
                return true;
        }

        return false;
    }

    private void Add(SchemaNode node, int depth)
    {
        if (node.Element.ValueKind != JsonValueKind.Object || depth == MaxDepth)
            return;
        bool hasReference = node.TryGet("$ref", out JsonElement reference) && reference.ValueKind == JsonValueKind.String;
        if (hasReference)
            Add(node.Document.Resolve(node, "$ref", reference.GetString()!), depth + 1);
        if (hasReference && node.Resource.IgnoresSiblingsOfReferences)
            return;
        _isObject |= node.TryGet("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.GetString() == "object";
        if (node.TryGet("allOf", out JsonElement all))
            Array.ForEach(node.Children("allOf", all), child => Add(child, depth + 1));
        if (node.TryGet("required", out JsonElement required) && required.ValueKind == JsonValueKind.Array)
            _required.UnionWith(required.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!));
        if (!node.TryGet("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            if (ReadConstants(property.Value) is { } constants)
                _constants.TryAdd(property.Name, constants);
        }
    }

    // The values of const or enum; null unless each value has only one spelling. Numbers with a fraction or exponent have several spellings.
    private static HashSet<string>? ReadConstants(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return null;
        if (schema.TryGetProperty("const", out JsonElement constant))
            return Key(constant) is { } key ? [key] : null;
        if (!schema.TryGetProperty("enum", out JsonElement values) || values.ValueKind != JsonValueKind.Array)
            return null;
        var keys = new HashSet<string>();
        foreach (JsonElement value in values.EnumerateArray())
        {
            if (Key(value) is not { } key)
                return null;
            keys.Add(key);
        }

        return keys;
    }

    private static string? Key(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "\"" + value.GetString(),
        JsonValueKind.Null or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.Number when value.GetRawText() is var text && text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && text != "-0" => text,
        _ => null,
    };
}
