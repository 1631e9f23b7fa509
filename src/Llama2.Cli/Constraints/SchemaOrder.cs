using System.Globalization;
using System.Text.Json;

namespace Llama2.Cli.Constraints;

/// <summary>
/// The order in which constraints write properties: first the properties that a schema declares itself, then those that are declared in the schemas
/// that it combines.
/// </summary>
internal sealed class SchemaOrder
{
    private static readonly string[] s_combinations = ["dependentSchemas", "dependencies", "allOf", "$ref", "anyOf", "oneOf", "if", "then", "else"];

    private readonly JsonElement _root;
    private readonly JsonElement _instance;
    private readonly bool _ignoresSiblings;
    private readonly List<JsonElement> _schemas = [];

    /// <param name="root">The schema.</param>
    /// <param name="instance">A value, which need not fit the schema.</param>
    public SchemaOrder(JsonElement root, JsonElement instance)
        : this(root, instance, [root])
    {
    }

    private SchemaOrder(JsonElement root, JsonElement instance, IEnumerable<JsonElement> schemas)
    {
        _root = root;
        _instance = instance;
        _ignoresSiblings = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$schema", out JsonElement name)
            && Array.Exists(["draft-04", "draft-06", "draft-07"], draft => name.ToString().Contains(draft, StringComparison.Ordinal));
        var found = new HashSet<string>();
        foreach (JsonElement schema in schemas)
            Add(schema, found, 0);
    }

    /// <summary>The properties of the instance, in the order in which the schema declares them.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Sort()
    {
        var ranks = new Dictionary<string, int>();
        foreach (string name in Members("properties").Select(member => member.Name))
            ranks.TryAdd(name, ranks.Count);
        foreach (JsonElement schema in _schemas)
        {
            if (!schema.TryGetProperty("required", out JsonElement required) || required.ValueKind != JsonValueKind.Array)
                continue;
            foreach (JsonElement name in required.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String))
                ranks.TryAdd(name.GetString()!, ranks.Count);
        }

        foreach (JsonProperty dependency in Members("dependentRequired").Concat(Members("dependencies")).Where(member => member.Value.ValueKind == JsonValueKind.Array))
        {
            ranks.TryAdd(dependency.Name, ranks.Count);
            foreach (JsonElement name in dependency.Value.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String))
                ranks.TryAdd(name.GetString()!, ranks.Count);
        }

        return _instance.EnumerateObject().Select(property => (property.Name, property.Value)).OrderBy(property => ranks.GetValueOrDefault(property.Name, int.MaxValue));
    }

    /// <summary>The order for one property of the instance: it determines the order of the properties within the value of this property.</summary>
    public SchemaOrder OfProperty(string name) => new(
        _root, _instance.GetProperty(name),
        Members("properties").Where(member => member.Name == name).Concat(Members("patternProperties")).Select(member => member.Value)
            .Concat(Children("additionalProperties")).Concat(Children("unevaluatedProperties")));

    /// <summary>The order for one item of the instance: it determines the order of the properties within this item.</summary>
    public SchemaOrder OfItem(int index) => new(
        _root, _instance[index],
        Children("items").Concat(Children("prefixItems")).SelectMany(items => items.ValueKind != JsonValueKind.Array ? [items] : index < items.GetArrayLength() ? new[] { items[index] } : [])
            .Concat(Children("additionalItems")).Concat(Children("contains")).Concat(Children("unevaluatedItems")));

    private IEnumerable<JsonElement> Children(string keyword) =>
        _schemas.SelectMany(schema => schema.TryGetProperty(keyword, out JsonElement child) ? new[] { child } : []);

    private IEnumerable<JsonProperty> Members(string keyword) =>
        Children(keyword).Where(map => map.ValueKind == JsonValueKind.Object).SelectMany(map => map.EnumerateObject());

    private void Add(JsonElement schema, HashSet<string> found, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > 30)
            return;
        bool isOnlyReference = _ignoresSiblings && schema.TryGetProperty("$ref", out _);
        if (!isOnlyReference)
            _schemas.Add(schema);
        foreach (string keyword in s_combinations)
        {
            if (!schema.TryGetProperty(keyword, out JsonElement value) || (isOnlyReference && keyword != "$ref"))
                continue;
            if (keyword == "$ref")
            {
                if (value.ValueKind == JsonValueKind.String && found.Add(value.GetString()!) && Resolve(value.GetString()!) is { } target)
                    Add(target, found, depth + 1);
            }
            else if (value.ValueKind == JsonValueKind.Array)
            {
                // Alternatives may declare different orders; the order of the alternative that fits the instance takes precedence.
                foreach (JsonElement child in value.EnumerateArray().OrderBy(child => keyword == "allOf" ? 0 : CountMisfits(child)))
                    Add(child, found, depth + 1);
            }
            else if (keyword.StartsWith("depend", StringComparison.Ordinal) && value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty child in value.EnumerateObject())
                    Add(child.Value, found, depth + 1);
            }
            else
            {
                Add(value, found, depth + 1);
            }
        }
    }

    // Counts the properties that the alternative requires and the instance lacks, and those that the alternative forbids and the instance has.
    private int CountMisfits(JsonElement schema)
    {
        for (int i = 0; i < 10 && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference) && Resolve(reference.ToString()) is { } target; i++)
            schema = target;
        if (schema.ValueKind != JsonValueKind.Object || _instance.ValueKind != JsonValueKind.Object)
            return 0;
        int count = 0;
        if (schema.TryGetProperty("required", out JsonElement required) && required.ValueKind == JsonValueKind.Array)
            count += required.EnumerateArray().Count(name => !_instance.TryGetProperty(name.ToString(), out _));
        bool isClosed = schema.TryGetProperty("additionalProperties", out JsonElement others) && others.ValueKind == JsonValueKind.False;
        if (isClosed && schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
            count += _instance.EnumerateObject().Count(property => !properties.TryGetProperty(property.Name, out _));
        return count;
    }

    private JsonElement? Resolve(string reference)
    {
        int hash = reference.IndexOf('#', StringComparison.Ordinal);
        if (hash < 0)
            return null;
        JsonElement element = _root;
        foreach (string part in reference[(hash + 1)..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member))
                element = member;
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < element.GetArrayLength())
                element = element[index];
            else
                return null;
        }

        return element;
    }
}
