namespace Llama2.Grammar.Schemas;

/// <summary>
/// A set of schemas, each asserted or negated, all of which a value must match. Created by <see cref="SchemaSets"/>, which uses one object for equal
/// sets.
/// </summary>
/// <param name="Id">A number that is unique in its <see cref="SchemaSets"/>.</param>
/// <param name="Literals">The schemas, sorted by their ids; empty if every value matches.</param>
internal sealed record SchemaSet(int Id, SchemaLiteral[] Literals)
{
    public bool IsAny => Literals.Length == 0;

    /// <summary>Whether no value can match for a trivial reason: the set contains the schema that no value matches.</summary>
    public bool IsNone => Literals is [{ Node: null }];

    /// <summary>The path of the first schema, for error messages.</summary>
    public string Path => Literals.Length == 0 ? "" : Literals[0].Node?.Path ?? "";

    public bool Equals(SchemaSet? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id;
}
