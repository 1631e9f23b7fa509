namespace Llama2.Grammar.Schemas;

/// <summary>
/// A set of schemas. A value matches the set if it matches all asserted schemas and none of the negated schemas. Created by <see cref="SchemaSets"/>,
/// which uses one object for equal sets.
/// </summary>
/// <param name="Id">A number that is unique among the sets of the same <see cref="SchemaSets"/>.</param>
/// <param name="Literals">The schemas, sorted by their ids; empty if every value matches.</param>
internal sealed record SchemaSet(int Id, SchemaLiteral[] Literals)
{
    public bool IsAny => Literals.Length == 0;

    /// <summary>Whether the set contains the schema that no value matches, so that trivially no value matches the set.</summary>
    public bool IsNone => Literals is [{ Node: null }];

    /// <summary>The path of the first schema, for error messages.</summary>
    public string Path => Literals.Length == 0 ? "" : Literals[0].Node?.Path ?? "";

    /// <summary>The place, for messages.</summary>
    public override string ToString() => Path;

    public bool Equals(SchemaSet? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id;
}
