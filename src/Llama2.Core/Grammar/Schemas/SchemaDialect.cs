namespace Llama2.Grammar.Schemas;

/// <summary>The draft of JSON Schema that a schema names by <c>$schema</c>.</summary>
internal enum SchemaDialect
{
    /// <summary>
    /// The schema names no draft. It is read as a schema of draft 2020-12; keywords that exist only in older drafts are read as those drafts define
    /// them.
    /// </summary>
    Unstated,

    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}
