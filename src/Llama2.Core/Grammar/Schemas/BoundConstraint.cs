namespace Llama2.Grammar.Schemas;

/// <summary>Demands that a number is not below a minimum, or not above a maximum.</summary>
/// <param name="bound">The bound.</param>
/// <param name="isMinimum">Whether the bound is a minimum; else it is a maximum.</param>
internal sealed class BoundConstraint(NumberBound bound, bool isMinimum) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context)
    {
        NumberShape number = isMinimum
            ? shape.Number with { Minimum = bound.IsTighterThan(shape.Number.Minimum, isMinimum) ? bound : shape.Number.Minimum }
            : shape.Number with { Maximum = bound.IsTighterThan(shape.Number.Maximum, isMinimum) ? bound : shape.Number.Maximum };
        return shape with { Number = number, Types = number.IsEmpty ? shape.Types & ~JsonTypes.Number : shape.Types };
    }

    public override Formula Negate() => Only(JsonTypes.Number, new BoundConstraint(bound with { IsExclusive = !bound.IsExclusive }, !isMinimum));
}
