using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>The keywords of arrays.</summary>
internal static class ArrayKeywords
{
    public static void Read(SchemaNode node, List<Formula> parts)
    {
        SchemaLiteral[] prefix = [];
        SchemaLiteral rest = SchemaLiteral.Any;
        bool hasItems = node.TryGet("items", out JsonElement items);
        if (hasItems && items.ValueKind == JsonValueKind.Array)
        {
            // Up to draft 2019-09, an array in 'items' contains the schemas of the first items.
            prefix = [.. node.Children("items", items).Select(child => child.Literal)];
            if (node.TryGet("additionalItems", out JsonElement additional))
                rest = node.Child("additionalItems", additional).Literal;
        }
        else
        {
            if (node.TryGet("prefixItems", out JsonElement first))
                prefix = [.. node.Children("prefixItems", first).Select(child => child.Literal)];
            if (hasItems)
                rest = node.Child("items", items).Literal;
        }

        if (prefix.Length > 0 || rest != SchemaLiteral.Any)
            parts.Add(new ItemsConstraint(prefix, rest));
        int minimum = NumberKeywords.ReadCount(node, "minItems") ?? 0, maximum = NumberKeywords.ReadCount(node, "maxItems") ?? int.MaxValue;
        if (minimum > 0 || maximum < int.MaxValue)
            parts.Add(new CountConstraint(JsonTypes.Array, minimum, maximum));
        if (node.TryGet("contains", out JsonElement contains))
        {
            parts.Add(new ContainsConstraint(
                node.Child("contains", contains).Literal, 0, NumberKeywords.ReadCount(node, "minContains") ?? 1, NumberKeywords.ReadCount(node, "maxContains") ?? int.MaxValue));
        }

        if (node.TryGet("uniqueItems", out JsonElement unique) && unique.ValueKind == JsonValueKind.True)
            parts.Add(new UniqueConstraint($"{node.Path}/uniqueItems"));
    }
}
