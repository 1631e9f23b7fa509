namespace Llama2.Grammar.Schemas;

/// <summary>The draft of JSON Schema that a schema names by <c>$schema</c>.</summary>
internal enum SchemaDialect
{
    /// <summary>None: 2020-12, with the keywords of older drafts as these define them.</summary>
    Unstated,

    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}
