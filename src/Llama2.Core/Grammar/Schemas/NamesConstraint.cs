namespace Llama2.Grammar.Schemas;

/// <summary>Demands that the name of every property of an object, as a string, matches a schema.</summary>
internal sealed class NamesConstraint(SchemaLiteral name) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context) =>
        name == SchemaLiteral.Any ? shape : shape with { Object = shape.Object with { Names = shape.Object.Names.Add(name) } };

    public override Formula Negate() => Only(JsonTypes.Object, new WitnessConstraint(name.Negate()));
}
