using System.Text.Json;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>The keywords of objects.</summary>
internal static class ObjectKeywords
{
    public static void Read(SchemaNode node, ShapeContext context, List<Formula> parts)
    {
        var named = new List<(string, SchemaLiteral)>();
        var patterns = new List<(RegexNode, SchemaLiteral)>();
        if (node.TryGet("properties", out JsonElement properties))
            named.AddRange(ReadMap(node, "properties", properties).Select(child => (child.Name, child.Node.Literal)));
        if (node.TryGet("patternProperties", out JsonElement matching))
        {
            foreach ((string pattern, SchemaNode child) in ReadMap(node, "patternProperties", matching))
                patterns.Add((context.ReadPattern(child.Path, pattern), child.Literal));
        }

        SchemaLiteral additional = node.TryGet("additionalProperties", out JsonElement others) ? node.Child("additionalProperties", others).Literal : SchemaLiteral.Any;
        if (named.Count > 0 || patterns.Count > 0 || additional != SchemaLiteral.Any)
            parts.Add(new PropertiesConstraint(named, [.. patterns], additional));
        if (node.TryGet("required", out JsonElement required) && required.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            parts.Add(new RequiredConstraint(ReadNames(node, "required", required)));
        int minimum = NumberKeywords.ReadCount(node, "minProperties") ?? 0, maximum = NumberKeywords.ReadCount(node, "maxProperties") ?? int.MaxValue;
        if (minimum > 0 || maximum < int.MaxValue)
            parts.Add(new CountConstraint(JsonTypes.Object, minimum, maximum));
        if (node.TryGet("propertyNames", out JsonElement names))
            parts.Add(new NamesConstraint(node.Child("propertyNames", names).Literal));
        foreach (string keyword in (string[])["dependentRequired", "dependentSchemas", "dependencies"])
        {
            if (node.TryGet(keyword, out JsonElement dependencies))
                parts.AddRange(ReadMap(node, keyword, dependencies, isSchema: false).Select(child => ReadDependency(node, keyword, child.Name, child.Value)));
        }
    }

    private static IEnumerable<(string Name, SchemaNode Node)> ReadMap(SchemaNode node, string keyword, JsonElement value) =>
        ReadMap(node, keyword, value, isSchema: true).Select(child => (child.Name, node.Child(keyword, child.Name, child.Value)));

    private static IEnumerable<(string Name, JsonElement Value)> ReadMap(SchemaNode node, string keyword, JsonElement value, bool isSchema) =>
        value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Select(property => (property.Name, property.Value))
            : throw node.Fault(keyword, $"the value must be an object whose values are {(isSchema ? "schemas" : "schemas or arrays of names")}");

    private static IEnumerable<string> ReadNames(SchemaNode node, string keyword, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(name => TextKeywords.ReadText(node, keyword, name))
            : throw node.Fault(keyword, "the value must be an array of names");

    // A dependency demands something if the named property is present: an array of names demands that these properties are present too, and a schema
    // demands that the whole object matches it.
    private static Disjunction ReadDependency(SchemaNode node, string keyword, string name, JsonElement value)
    {
        Formula consequence = value.ValueKind switch
        {
            JsonValueKind.Array => new RequiredConstraint(ReadNames(node, keyword, value)),
            JsonValueKind.String => new RequiredConstraint(value.GetString()!),
            _ => new SchemaFormula(node.Child(keyword, name, value).Literal),
        };
        return new Disjunction(
            PropertiesConstraint.Absent(name), new Conjunction(new TypeConstraint(JsonTypes.Object), new RequiredConstraint(name), consequence));
    }
}
