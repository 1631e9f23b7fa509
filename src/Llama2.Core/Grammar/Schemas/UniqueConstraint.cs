namespace Llama2.Grammar.Schemas;

/// <summary>Demands that no two items of an array are equal.</summary>
internal sealed class UniqueConstraint(string path) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context) => shape with { Array = shape.Array with { UniquePath = path } };

    public override Formula Negate() => new Refusal(JsonTypes.Array, path, "arrays with equal items cannot be demanded; leave out 'uniqueItems' below 'not' and 'oneOf'").Negate();
}
