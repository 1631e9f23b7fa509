namespace Llama2.Grammar.Schemas;

/// <summary>A schema with an identifier of its own. References inside the schema are relative to this identifier.</summary>
/// <param name="Base">The absolute identifier; an invented one if the document has none.</param>
/// <param name="Dialect">The draft in which the schema is written.</param>
internal sealed record SchemaResource(Uri Base, SchemaDialect Dialect)
{
    /// <summary>Whether other keywords of a schema with <c>$ref</c> have no effect, which is the rule up to draft 7.</summary>
    public bool IgnoresSiblingsOfReferences => Dialect is SchemaDialect.Draft4 or SchemaDialect.Draft6 or SchemaDialect.Draft7;

    /// <summary>Whether <c>id</c> is the keyword for the identifier.</summary>
    public bool HasPlainId => Dialect is SchemaDialect.Draft4 or SchemaDialect.Unstated;
}
