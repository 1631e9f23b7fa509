namespace Llama2.Grammar.Schemas;

/// <summary>A formula that holds if a value matches a schema. If the schema is negated, the formula holds if the value does not match it.</summary>
internal sealed class SchemaFormula(SchemaLiteral literal) : Formula
{
    public SchemaLiteral Literal { get; } = literal;

    public override Formula Negate() => new SchemaFormula(Literal.Negate());
}
