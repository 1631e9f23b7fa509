using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>A schema in a document. There is one such object for each place in the document.</summary>
/// <param name="document">The document.</param>
/// <param name="element">The JSON of the schema.</param>
/// <param name="key">
/// The place of the schema as a JSON pointer. The part that leads to a derived schema, which is not in the document, ends with a NUL character.
/// </param>
/// <param name="resource">The resource to which the schema belongs.</param>
/// <param name="id">A number that is unique in the document.</param>
internal sealed class SchemaNode(SchemaDocument document, JsonElement element, string key, SchemaResource resource, int id)
{
    private SchemaLiteral? _literal;

    public SchemaDocument Document { get; } = document;

    public JsonElement Element { get; } = element;

    public string Key { get; } = key;

    /// <summary>The place of the schema as a JSON pointer.</summary>
    public string Path => Key.Replace("\0", "", StringComparison.Ordinal);

    public SchemaResource Resource { get; } = resource;

    public int Id { get; } = id;

    /// <summary>The demands of the schema; null until the schema has been read.</summary>
    public Formula? Formula { get; set; }

    /// <summary>
    /// The asserted schema: <see cref="SchemaLiteral.Any"/> for the schemas <c>true</c> and <c>{}</c>, which every value matches, and
    /// <see cref="SchemaLiteral.None"/> for <c>false</c>, wherever they are in the document.
    /// </summary>
    public SchemaLiteral Literal => _literal ??= Element.ValueKind switch
    {
        JsonValueKind.True => SchemaLiteral.Any,
        JsonValueKind.False => SchemaLiteral.None,
        JsonValueKind.Object when !Element.EnumerateObject().MoveNext() => SchemaLiteral.Any,
        _ => new SchemaLiteral(Document.FindEqual(this), IsAsserted: true),
    };

    public bool TryGet(string keyword, out JsonElement value) => Element.TryGetProperty(keyword, out value);

    /// <summary>The schema that is the value of a keyword.</summary>
    public SchemaNode Child(string keyword, JsonElement value) => Document.GetNode(this, value, keyword);

    /// <summary>A schema in an array or object that is the value of a keyword.</summary>
    public SchemaNode Child(string keyword, string name, JsonElement value) => Document.GetNode(this, value, keyword, name);

    /// <summary>The schemas in an array that is the value of a keyword.</summary>
    public SchemaNode[] Children(string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw Fault(keyword, "the value must be an array of schemas");
        if (value.GetArrayLength() > SchemaDocument.MaxChildCount)
            throw Fault(keyword, $"there are more than {SchemaDocument.MaxChildCount:N0} schemas; the limit protects time and memory");
        return [.. value.EnumerateArray().Select((element, index) => Child(keyword, index.ToString(System.Globalization.CultureInfo.InvariantCulture), element))];
    }

    /// <summary>Creates an exception about the value of a keyword.</summary>
    public OutputConstraintException Fault(string keyword, string problem) => SchemaDocument.Fault($"{Path}/{JsonPointer.Escape(keyword)}", problem);
}
