namespace Llama2.Grammar.Schemas;

/// <summary>A schema that a value must match (the schema is asserted) or must not match (the schema is negated).</summary>
/// <param name="Node">The schema; null for the schema that every value matches.</param>
/// <param name="IsAsserted">Whether a value must match the schema; if false, a value must not match it.</param>
internal readonly record struct SchemaLiteral(SchemaNode? Node, bool IsAsserted)
{
    /// <summary>The literal that every value matches.</summary>
    public static readonly SchemaLiteral Any = new(null, IsAsserted: true);

    /// <summary>The literal that no value matches.</summary>
    public static readonly SchemaLiteral None = new(null, IsAsserted: false);

    /// <summary>A number that is unique in the document.</summary>
    public int Id => ((Node?.Id ?? 0) * 2) + (IsAsserted ? 0 : 1);

    public SchemaLiteral Negate() => this with { IsAsserted = !IsAsserted };
}
