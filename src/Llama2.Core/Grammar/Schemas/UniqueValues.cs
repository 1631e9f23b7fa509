using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>Finds the possible values of items that must be unique, if the schemas allow only a few values.</summary>
internal sealed class UniqueValues(RuleWriter writer)
{
    /// <summary>The maximum number of values. A rule has a state for each combination of values.</summary>
    public const int MaxCount = 8;

    private readonly List<SchemaLiteral> _values = [];
    private readonly HashSet<string> _texts = [];
    private readonly HashSet<SchemaNode> _visited = [];

    /// <summary>Finds the values, and returns one schema for each value.</summary>
    /// <exception cref="OutputConstraintException">There are more than <see cref="MaxCount"/> values, or the values cannot be determined.</exception>
    public SchemaLiteral[] Find(ArrayShape array, string path)
    {
        SchemaSet[] items = [.. array.Prefix, array.Rest];
        foreach (SchemaLiteral literal in items.SelectMany(set => set.Literals))
            Visit(literal);
        SchemaSets sets = writer.Context.Sets;
        SchemaLiteral[] values = [.. _values.Where(value => Array.Exists(items, item => writer.Satisfiability.IsSatisfiable(sets.Union(item, value))))];
        SchemaSet others = sets.Of([.. values.Select(value => value.Negate())]);
        if (values.Length > MaxCount || Array.Exists(items, item => writer.Satisfiability.IsSatisfiable(sets.Union(item, others))))
        {
            throw SchemaDocument.Fault(
                path, $"'uniqueItems' is supported only if the items have at most {MaxCount} different values, such as those of an 'enum', or if there is at most one item");
        }

        return values;
    }

    private void Visit(SchemaLiteral literal)
    {
        if (literal.Node is not { Element.ValueKind: JsonValueKind.Object } node || !literal.IsAsserted || !_visited.Add(node))
            return;
        if (node.TryGet("const", out JsonElement constant))
            Add(node, constant);
        if (node.TryGet("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement value in values.EnumerateArray().Take(MaxCount * MaxCount))
                Add(node, value);
        }

        if (node.TryGet("type", out JsonElement type))
        {
            string text = type.GetRawText();
            foreach (string value in (string[])["null", "true", "false"])
            {
                if (text.Contains(value == "null" ? "\"null\"" : "\"boolean\"", StringComparison.Ordinal))
                    Add(node, JsonElement.Parse(value));
            }
        }

        if (node.TryGet("$ref", out JsonElement reference) && reference.ValueKind == JsonValueKind.String)
            Visit(node.Document.Resolve(node, "$ref", reference.GetString()!).Literal);
        foreach (string keyword in (string[])["allOf", "anyOf", "oneOf"])
        {
            if (node.TryGet(keyword, out JsonElement children))
                Array.ForEach(node.Children(keyword, children), child => Visit(child.Literal));
        }
    }

    // Texts alone do not show whether values differ, because a value can have several spellings, such as 1 and 1.0. A value is added only if it
    // satisfies none of the schemas of the known values.
    private void Add(SchemaNode node, JsonElement value)
    {
        if (!_texts.Add(value.GetRawText()))
            return;
        SchemaNode derived = node.Document.GetDerivedNode(node, $"unique/{_values.Count}", () => DerivedSchema.OfEqual(value));
        if (!_values.Exists(known => writer.Satisfiability.IsSatisfiable(writer.Context.Sets.Of(known, derived.Literal))))
            _values.Add(derived.Literal);
    }
}
