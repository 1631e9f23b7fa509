using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>The resources (schemas with an identifier of their own) and anchors of a document, found by a walk through its schemas.</summary>
internal sealed class SchemaIndex
{
    private static readonly string[] s_schemas =
    [
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    ];

    private static readonly string[] s_collections =
    [
        "$defs", "allOf", "anyOf", "definitions", "dependencies", "dependentSchemas", "items", "oneOf", "patternProperties", "prefixItems", "properties",
    ];

    private readonly Dictionary<string, SchemaNode> _resources = [];
    private readonly Dictionary<(string Resource, string Name), SchemaNode> _anchors = [];

    public SchemaIndex(SchemaDocument document) => Visit(document.RootNode);

    public static string WithoutFragment(Uri uri) => uri.AbsoluteUri.Split('#')[0];

    public SchemaNode? FindResource(string uri) => _resources.GetValueOrDefault(uri);

    public SchemaNode? FindAnchor(string uri, string name) => _anchors.GetValueOrDefault((uri, name));

    private void Visit(SchemaNode node)
    {
        if (node.Element.ValueKind != JsonValueKind.Object)
            return;
        node.Document.Budget.Charge(30 + (node.Resource.Base.OriginalString.Length / 32));
        string uri = WithoutFragment(node.Resource.Base);
        _resources.TryAdd(uri, node);
        foreach (string keyword in (string[])["$anchor", "$dynamicAnchor", "$id", "id"])
        {
            if (!node.TryGet(keyword, out JsonElement value) || value.ValueKind != JsonValueKind.String)
                continue;
            string name = value.GetString()!;
            if (keyword[^1] == 'r')
                _anchors.TryAdd((uri, name), node);
            else if (name.StartsWith('#') && (keyword == "$id" || node.Resource.HasPlainId))
                _anchors.TryAdd((uri, name[1..]), node);
        }

        foreach (string keyword in s_schemas)
        {
            if (node.TryGet(keyword, out JsonElement value) && value.ValueKind == JsonValueKind.Object)
                Visit(node.Child(keyword, value));
        }

        foreach (string keyword in s_collections)
        {
            if (!node.TryGet(keyword, out JsonElement value))
                continue;
            if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (SchemaNode child in node.Children(keyword, value))
                    Visit(child);
            }
            else if (value.ValueKind == JsonValueKind.Object && keyword != "items")
            {
                foreach (JsonProperty property in value.EnumerateObject())
                    Visit(node.Child(keyword, property.Name, property.Value));
            }
        }
    }
}
