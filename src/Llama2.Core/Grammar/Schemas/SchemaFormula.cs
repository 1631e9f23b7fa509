namespace Llama2.Grammar.Schemas;

/// <summary>The value matches a schema, or does not, by the literal's polarity.</summary>
internal sealed class SchemaFormula(SchemaLiteral literal) : Formula
{
    public SchemaLiteral Literal { get; } = literal;

    public override Formula Negate() => new SchemaFormula(Literal.Negate());
}
