namespace Llama2.Grammar.Schemas;

/// <summary>Every name of an object's properties matches a schema, as a string.</summary>
internal sealed class NamesConstraint(SchemaLiteral name) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context) =>
        name == SchemaLiteral.Any ? shape : shape with { Object = shape.Object with { Names = shape.Object.Names.Add(name) } };

    public override Formula Negate() => Only(JsonTypes.Object, new WitnessConstraint(name.Negate()));
}
