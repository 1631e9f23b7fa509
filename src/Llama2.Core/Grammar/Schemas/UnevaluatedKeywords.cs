using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// The keywords <c>unevaluatedProperties</c> and <c>unevaluatedItems</c>. They are supported if no alternatives decide which properties or items are
/// evaluated. Then they have the same effect that <c>additionalProperties</c> and <c>items</c> would have in a single schema with the keywords of all
/// schemas that apply.
/// </summary>
internal static class UnevaluatedKeywords
{
    public static void Read(SchemaNode node, ShapeContext context, List<Formula> parts)
    {
        ReadProperties(node, context, parts);
        ReadItems(node, parts);
    }

    private static void ReadProperties(SchemaNode node, ShapeContext context, List<Formula> parts)
    {
        if (!node.TryGet("unevaluatedProperties", out JsonElement value))
            return;
        SchemaLiteral others = node.Child("unevaluatedProperties", value).Literal;
        if (others == SchemaLiteral.Any)
            return;
        if (!TryCollect(node, out List<SchemaNode> applied))
        {
            parts.Add(Refuse(node, "unevaluatedProperties", JsonTypes.Object, "additionalProperties"));
            return;
        }

        if (applied.Exists(schema => schema.TryGet("additionalProperties", out _) || (schema != node && schema.TryGet("unevaluatedProperties", out _))))
            return;
        parts.Add(new PropertiesConstraint(
            applied.SelectMany(schema => Names(schema, "properties")).Select(name => (name, SchemaLiteral.Any)),
            [.. applied.SelectMany(schema => Names(schema, "patternProperties").Select(pattern => (context.ReadPattern(schema.Path, pattern), SchemaLiteral.Any)))],
            others));
    }

    private static void ReadItems(SchemaNode node, List<Formula> parts)
    {
        if (!node.TryGet("unevaluatedItems", out JsonElement value))
            return;
        SchemaLiteral others = node.Child("unevaluatedItems", value).Literal;
        if (others == SchemaLiteral.Any)
            return;
        if (!TryCollect(node, out List<SchemaNode> applied) || applied.Exists(schema => schema.TryGet("contains", out _)))
        {
            parts.Add(Refuse(node, "unevaluatedItems", JsonTypes.Array, "items"));
            return;
        }

        int count = 0;
        foreach (SchemaNode schema in applied)
        {
            bool hasItems = schema.TryGet("items", out JsonElement items), isArray = hasItems && items.ValueKind == JsonValueKind.Array;
            if ((hasItems && !isArray) || (isArray && schema.TryGet("additionalItems", out _)) || (schema != node && schema.TryGet("unevaluatedItems", out _)))
                return;
            if (isArray || schema.TryGet("prefixItems", out items))
                count = Math.Max(count, items.GetArrayLength());
        }

        var prefix = new SchemaLiteral[count];
        Array.Fill(prefix, SchemaLiteral.Any);
        parts.Add(new ItemsConstraint(prefix, others));
    }

    private static Refusal Refuse(SchemaNode node, string keyword, JsonTypes type, string remedy) => new(
        type, $"{node.Path}/{keyword}", $"'{keyword}' is not supported together with alternatives such as 'anyOf' or 'if'; use '{remedy}'");

    private static IEnumerable<string> Names(SchemaNode schema, string keyword) =>
        schema.TryGet(keyword, out JsonElement map) && map.ValueKind == JsonValueKind.Object ? map.EnumerateObject().Select(property => property.Name) : [];

    // Collects the schema and all schemas that apply through allOf and $ref. Returns false if the value decides which schemas apply.
    private static bool TryCollect(SchemaNode root, out List<SchemaNode> applied)
    {
        applied = [];
        var found = new HashSet<SchemaNode>();
        var pending = new Stack<SchemaNode>([root]);
        while (pending.TryPop(out SchemaNode? node))
        {
            if (node.Element.ValueKind != JsonValueKind.Object || !found.Add(node))
                continue;
            foreach (string keyword in (string[])["anyOf", "oneOf", "if", "dependentSchemas", "dependencies", "$dynamicRef"])
            {
                if (node.TryGet(keyword, out _))
                    return false;
            }

            applied.Add(node);
            if (node.TryGet("$ref", out JsonElement reference))
                pending.Push(node.Document.Resolve(node, "$ref", TextKeywords.ReadText(node, "$ref", reference)));
            if (node.TryGet("allOf", out JsonElement all))
            {
                foreach (SchemaNode child in node.Children("allOf", all))
                    pending.Push(child);
            }
        }

        return true;
    }
}
