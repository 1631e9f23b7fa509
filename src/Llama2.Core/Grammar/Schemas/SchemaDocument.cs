using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// A JSON document that contains a schema. Finds the schemas inside the document, and the schemas to which references refer. Not thread-safe.
/// </summary>
internal sealed class SchemaDocument
{
    public const int MaxDepth = 128;

    /// <summary>The maximum number of schemas in an array.</summary>
    public const int MaxChildCount = 1_000;

    private const int MaxEqualByteSize = 256;

    private static readonly Uri s_inventedBase = new("schema:///root");

    private readonly Dictionary<string, SchemaNode> _nodes = [];
    private readonly Dictionary<(SchemaResource Resource, string Text), SchemaNode> _nodesByText = [];
    private SchemaIndex? _index;

    public SchemaDocument(JsonElement root, GrammarBudget budget)
    {
        Budget = budget;
        Root = root;
        RootNode = GetNode("", root, new SchemaResource(s_inventedBase, ReadDialect(root, SchemaDialect.Unstated)));
    }

    /// <summary>Counts the work.</summary>
    public GrammarBudget Budget { get; }

    public JsonElement Root { get; }

    public SchemaNode RootNode { get; }

    public static OutputConstraintException Fault(string path, string problem) =>
        new($"The schema cannot be used: at {(path.Length == 0 ? "its root" : $"'{path}'")}, {problem}.", path);

    /// <summary>The schema at a path below another schema.</summary>
    public SchemaNode GetNode(SchemaNode parent, JsonElement element, params ReadOnlySpan<string> names)
    {
        string key = parent.Key;
        foreach (string name in names)
        {
            Budget.Charge(1 + (key.Length / 64));
            key = string.Concat(key, "/", JsonPointer.Escape(name));
        }

        return GetNode(key, element, parent.Resource);
    }

    /// <summary>A schema that is not written in the document, but follows from one of its keywords.</summary>
    public SchemaNode GetDerivedNode(SchemaNode parent, string name, Func<JsonElement> create)
    {
        Budget.Charge(4 + (parent.Key.Length / 64));
        string key = $"{parent.Key}/{name}\0";
        return _nodes.TryGetValue(key, out SchemaNode? node) ? node : Add(key, create(), parent.Resource with { Dialect = SchemaDialect.Draft2020 });
    }

    /// <summary>
    /// Finds the first schema that has the same text as the given schema. Both demand the same, so they can share their rules. If the given schema is
    /// too large for the comparison, the given schema itself is returned.
    /// </summary>
    public SchemaNode FindEqual(SchemaNode node)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(node.Element);
        if (text.Length > MaxEqualByteSize)
            return node;
        Budget.Charge(2);
        (SchemaResource Resource, string) key = (node.Resource, Encoding.UTF8.GetString(text));
        if (!_nodesByText.TryGetValue(key, out SchemaNode? first))
            _nodesByText.Add(key, first = node);
        return first;
    }

    /// <summary>The schema that a reference refers to.</summary>
    public SchemaNode Resolve(SchemaNode from, string keyword, string reference)
    {
        if (!Uri.TryCreate(from.Resource.Base, reference, out Uri? target))
            throw from.Fault(keyword, $"'{reference}' is not a URI reference");
        string fragment = target.Fragment.TrimStart('#'), resource = SchemaIndex.WithoutFragment(target);
        bool isPointer = fragment.Length == 0 || fragment[0] == '/';
        SchemaNode start;
        if (isPointer && resource == SchemaIndex.WithoutFragment(RootNode.Resource.Base))
        {
            start = RootNode;
        }
        else
        {
            _index ??= new SchemaIndex(this);
            if (!isPointer && _index.FindAnchor(resource, fragment) is { } anchored)
                return anchored;
            start = (isPointer ? _index.FindResource(resource) : null)
                ?? throw from.Fault(keyword, $"'{reference}' is not in the document; other documents are not fetched, so put the schema into '$defs'");
        }

        if (fragment.Length == 0)
            return start;
        SchemaNode node = start;
        JsonElement element = start.Element;
        string key = start.Key;
        foreach (string name in JsonPointer.Split(fragment[1..]))
        {
            if (!JsonPointer.TryStep(element, name, out element))
                throw from.Fault(keyword, $"'{reference}' refers to nothing in the document");
            Budget.Charge(1 + (key.Length / 64));
            key = string.Concat(key, "/", JsonPointer.Escape(name));
            node = GetNode(key, element, node.Resource);
        }

        return node;
    }

    private static SchemaDialect ReadDialect(JsonElement element, SchemaDialect inherited)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("$schema", out JsonElement value) || value.ValueKind != JsonValueKind.String)
            return inherited;
        string name = value.GetString()!;
        return name.Contains("draft-04", StringComparison.Ordinal) || name.Contains("draft-03", StringComparison.Ordinal) ? SchemaDialect.Draft4
            : name.Contains("draft-06", StringComparison.Ordinal) ? SchemaDialect.Draft6
            : name.Contains("draft-07", StringComparison.Ordinal) ? SchemaDialect.Draft7
            : name.Contains("2019-09", StringComparison.Ordinal) ? SchemaDialect.Draft2019
            : name.Contains("2020-12", StringComparison.Ordinal) ? SchemaDialect.Draft2020
            : inherited;
    }

    private static SchemaResource ReadResource(JsonElement element, SchemaResource inherited)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return inherited;
        SchemaDialect dialect = ReadDialect(element, inherited.Dialect);
        SchemaResource resource = dialect == inherited.Dialect ? inherited : inherited with { Dialect = dialect };
        if (resource.IgnoresSiblingsOfReferences && element.TryGetProperty("$ref", out _))
            return resource;
        bool isFound = (element.TryGetProperty("$id", out JsonElement id) && id.ValueKind == JsonValueKind.String)
            || (resource.HasPlainId && element.TryGetProperty("id", out id) && id.ValueKind == JsonValueKind.String);
        return isFound && id.GetString() is [not '#', ..] text && Uri.TryCreate(resource.Base, text, out Uri? own) ? resource with { Base = own } : resource;
    }

    private SchemaNode GetNode(string key, JsonElement element, SchemaResource resource) =>
        _nodes.TryGetValue(key, out SchemaNode? node) ? node : Add(key, element, ReadResource(element, resource));

    // Ids begin at 1: id 0 belongs to the schema that every value matches.
    private SchemaNode Add(string key, JsonElement element, SchemaResource resource)
    {
        Budget.Charge(3);
        var node = new SchemaNode(this, element, key, resource, _nodes.Count + 1);
        _nodes.Add(key, node);
        return node;
    }
}
