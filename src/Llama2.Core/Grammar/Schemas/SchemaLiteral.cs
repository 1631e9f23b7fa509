namespace Llama2.Grammar.Schemas;

/// <summary>A schema, asserted or negated.</summary>
/// <param name="Node">The schema; null for the one that every value matches.</param>
/// <param name="IsAsserted">Whether a value must match it, and not fail to.</param>
internal readonly record struct SchemaLiteral(SchemaNode? Node, bool IsAsserted)
{
    /// <summary>Every value matches.</summary>
    public static readonly SchemaLiteral Any = new(null, IsAsserted: true);

    /// <summary>No value matches.</summary>
    public static readonly SchemaLiteral None = new(null, IsAsserted: false);

    /// <summary>Unique in the document.</summary>
    public int Id => ((Node?.Id ?? 0) * 2) + (IsAsserted ? 0 : 1);

    public SchemaLiteral Negate() => this with { IsAsserted = !IsAsserted };
}
