namespace Llama2.Grammar.Schemas;

/// <summary>Demands that the value has one of the given types.</summary>
internal sealed class TypeConstraint(JsonTypes types) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context) => shape with { Types = shape.Types & types };

    public override Formula Negate() => new TypeConstraint(JsonTypes.All & ~types);
}
