using System.Text.Json.Nodes;

namespace Llama2.Tests.Grammar.Schemas;

/// <summary>
/// Random JSON schemas of all supported keywords. They use few names, small numbers and short texts, so that several keywords often apply to the same
/// value. Many of the schemas allow no instance, and some contain keywords that are refused.
/// </summary>
internal sealed class RandomSchema
{
    private static readonly string[] s_names = ["a", "b", "ab", "c\"d", "é", "x1"];
    private static readonly string[] s_patterns =
    [
        "^a", "b$", "^[a-c]{2,4}$", "\\d", "^(yes|no)$", "a.*b", "^[^ \"]+$", "^\\p{Lu}", "x|^y", "^.{3}$", "(ab)+", "^-?\\d+(\\.\\d+)?$", "[éß]", "\\W",
    ];

    // The format email is left out, because the implementation that checks the texts demands a dot in the host name.
    private static readonly string[] s_formats = ["date", "time", "date-time", "duration", "hostname", "ipv4", "ipv6", "uri", "uuid", "json-pointer", "regex"];
    private static readonly string[] s_texts = ["", "a", "ab", "abc", "yes", "x1", "é", "\"", "\\n", "😀", "A b"];
    private static readonly string[] s_types = ["null", "boolean", "integer", "number", "string", "array", "object"];

    private readonly Random _random;
    private readonly int _definitionCount;

    private RandomSchema(Random random, int definitionCount) => (_random, _definitionCount) = (random, definitionCount);

    public static string Create(Random random)
    {
        int definitionCount = random.Next(4);
        var writer = new RandomSchema(random, definitionCount);
        JsonNode schema = writer.Schema(3);
        if (definitionCount > 0 && schema is JsonObject root)
        {
            var definitions = new JsonObject();
            for (int i = 0; i < definitionCount; i++)
                definitions.Add($"d{i}", writer.Schema(2));
            root.Add("$defs", definitions);
        }
        else if (definitionCount > 0)
        {
            return "true";
        }

        return schema.ToJsonString();
    }

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private string Any(string[] items) => items[_random.Next(items.Length)];

    private JsonNode Schema(int depth)
    {
        if (depth == 0)
            return Leaf();
        switch (_random.Next(16))
        {
            case 0:
                return JsonValue.Create(Chance(0.7));
            case 1:
                return new JsonObject { [Any(["anyOf", "oneOf", "allOf"])] = Array(1, 3, () => Schema(depth - 1)) };
            case 2 when _definitionCount > 0:
                return new JsonObject { ["$ref"] = $"#/$defs/d{_random.Next(_definitionCount)}" };
            case 3 or 4:
                return Leaf();
            default:
                return Typed(depth);
        }
    }

    private JsonObject Leaf()
    {
        switch (_random.Next(4))
        {
            case 0:
                return new JsonObject { ["const"] = Value(1) };
            case 1:
                return new JsonObject { ["enum"] = Distinct(1, 4, () => Value(1)) };
            default:
                var schema = new JsonObject();
                string type = Any(s_types);
                schema.Add("type", type);
                AddKeywords(schema, type, 0);
                return schema;
        }
    }

    private JsonObject Typed(int depth)
    {
        var schema = new JsonObject();
        string[] types = Chance(0.8) ? [Any(s_types[2..])] : [.. s_types.Where(_ => Chance(0.4))];
        if (types.Length == 1)
            schema.Add("type", types[0]);
        else if (types.Length > 1)
            schema.Add("type", new JsonArray([.. types.Select(type => JsonValue.Create(type))]));
        foreach (string type in types)
            AddKeywords(schema, type, depth);
        if (Chance(0.1))
            schema.TryAdd("not", Leaf());
        if (Chance(0.1))
            schema.TryAdd(Any(["anyOf", "oneOf", "allOf"]), Array(1, 3, () => Schema(depth - 1)));
        if (Chance(0.07))
        {
            schema.TryAdd("if", Leaf());
            if (Chance(0.8))
                schema.TryAdd("then", Schema(depth - 1));
            if (Chance(0.8))
                schema.TryAdd("else", Schema(depth - 1));
        }

        return schema;
    }

    private void AddKeywords(JsonObject schema, string type, int depth)
    {
        switch (type)
        {
            case "integer" or "number":
                AddNumberKeywords(schema);
                break;
            case "string":
                AddTextKeywords(schema);
                break;
            case "array":
                AddArrayKeywords(schema, depth);
                break;
            case "object":
                AddObjectKeywords(schema, depth);
                break;
        }
    }

    private void AddNumberKeywords(JsonObject schema)
    {
        if (Chance(0.5))
            schema.TryAdd(Any(["minimum", "exclusiveMinimum"]), Number());
        if (Chance(0.5))
            schema.TryAdd(Any(["maximum", "exclusiveMaximum"]), Number());
        if (Chance(0.2))
            schema.TryAdd("multipleOf", JsonNode.Parse(Any(["1", "2", "3", "7", "10", "0.5", "0.1", "2.5", "0.01", "100"])));
    }

    private void AddTextKeywords(JsonObject schema)
    {
        if (Chance(0.3))
            schema.TryAdd("minLength", _random.Next(6));
        if (Chance(0.3))
            schema.TryAdd("maxLength", _random.Next(12));
        if (Chance(0.25))
            schema.TryAdd("pattern", Any(s_patterns));
        if (Chance(0.15))
            schema.TryAdd("format", Any(s_formats));
    }

    private void AddArrayKeywords(JsonObject schema, int depth)
    {
        if (depth == 0 || Chance(0.7))
            schema.TryAdd("items", depth == 0 ? false : Schema(depth - 1));
        if (depth > 0 && Chance(0.3))
            schema.TryAdd("prefixItems", Array(1, 3, () => Schema(depth - 1)));
        if (Chance(0.3))
            schema.TryAdd("minItems", _random.Next(4));
        if (Chance(0.3))
            schema.TryAdd("maxItems", _random.Next(6));
        if (Chance(0.1))
        {
            schema.TryAdd("items", new JsonObject { ["enum"] = Distinct(1, 5, () => Value(1)) });
            schema.TryAdd("uniqueItems", true);
        }

        if (depth > 0 && Chance(0.1))
        {
            schema.TryAdd("contains", Leaf());
            if (Chance(0.3))
                schema.TryAdd("minContains", _random.Next(3));
            if (Chance(0.3))
                schema.TryAdd("maxContains", _random.Next(4));
        }
    }

    private void AddObjectKeywords(JsonObject schema, int depth)
    {
        if (depth > 0 && Chance(0.85))
            schema.TryAdd("properties", Members(1, 4, s_names, () => Schema(depth - 1)));
        if (Chance(0.6))
            schema.TryAdd("required", Distinct(1, 3, () => Any(s_names)));
        if (depth == 0 || Chance(0.5))
            schema.TryAdd("additionalProperties", depth > 0 && Chance(0.4) ? Schema(depth - 1) : JsonValue.Create(depth > 0 && Chance(0.2)));
        if (depth > 0 && Chance(0.15))
            schema.TryAdd("patternProperties", Members(1, 2, s_patterns, () => Schema(depth - 1)));
        if (Chance(0.1))
            schema.TryAdd("propertyNames", Chance(0.5) ? new JsonObject { ["pattern"] = Any(s_patterns) } : new JsonObject { ["maxLength"] = _random.Next(1, 4) });
        if (Chance(0.1))
            schema.TryAdd("minProperties", _random.Next(4));
        if (Chance(0.15))
            schema.TryAdd("maxProperties", _random.Next(5));
        if (Chance(0.08))
            schema.TryAdd("dependentRequired", new JsonObject { [Any(s_names)] = Distinct(1, 2, () => Any(s_names)) });
        if (depth > 0 && Chance(0.05))
            schema.TryAdd("dependentSchemas", new JsonObject { [Any(s_names)] = Schema(depth - 1) });
        if (depth > 0 && Chance(0.05))
            schema.TryAdd("unevaluatedProperties", false);
    }

    private JsonNode Number() => JsonNode.Parse(Any(["0", "1", "-1", "3", "10", "-7", "99", "1000", "0.5", "-2.75", "1e2", "12.345"]))!;

    private JsonNode? Value(int depth) => _random.Next(depth > 0 ? 8 : 6) switch
    {
        0 => null,
        1 => JsonValue.Create(Chance(0.5)),
        2 or 3 => Number(),
        4 or 5 => JsonValue.Create(Any(s_texts)),
        6 => Array(0, 2, () => Value(depth - 1)),
        _ => Members(0, 2, s_names, () => Value(depth - 1)),
    };

    private JsonArray Array(int minimum, int maximum, Func<JsonNode?> create) =>
        new([.. Enumerable.Range(0, _random.Next(minimum, maximum + 1)).Select(_ => create())]);

    private JsonArray Distinct(int minimum, int maximum, Func<JsonNode?> create)
    {
        var items = new JsonArray();
        foreach (JsonNode? item in Array(minimum, maximum, create).ToArray())
        {
            if (!items.Any(other => JsonNode.DeepEquals(item, other)))
                items.Add(item?.DeepClone());
        }

        return items;
    }

    private JsonObject Members(int minimum, int maximum, string[] names, Func<JsonNode?> create)
    {
        var members = new JsonObject();
        for (int count = _random.Next(minimum, maximum + 1); count > 0; count--)
            members.TryAdd(Any(names), create());
        return members;
    }
}
