namespace Llama2.Grammar.Schemas;

/// <summary>Schemas that a value must match all, each asserted or negated. Made by <see cref="SchemaSets"/>, which makes equal sets one object.</summary>
/// <param name="Id">Unique in its <see cref="SchemaSets"/>.</param>
/// <param name="Literals">The schemas, sorted by their numbers; none for any value.</param>
internal sealed record SchemaSet(int Id, SchemaLiteral[] Literals)
{
    public bool IsAny => Literals.Length == 0;

    /// <summary>Whether no value can match, as far as it is plain to see.</summary>
    public bool IsNone => Literals is [{ Node: null }];

    /// <summary>The place of the first schema, for messages.</summary>
    public string Path => Literals.Length == 0 ? "" : Literals[0].Node?.Path ?? "";

    public bool Equals(SchemaSet? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id;
}
