namespace Llama2.Grammar.Schemas;

/// <summary>Demands that the number of an array's items, or of an object's properties, lies within bounds.</summary>
internal sealed class CountConstraint(JsonTypes type, int minimum, int maximum) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context)
    {
        int least = Math.Max(minimum, type == JsonTypes.Array ? shape.Array.MinCount : shape.Object.MinCount);
        int most = Math.Min(maximum, type == JsonTypes.Array ? shape.Array.MaxCount : shape.Object.MaxCount);
        shape = type == JsonTypes.Array
            ? shape with { Array = shape.Array with { MinCount = least, MaxCount = most } }
            : shape with { Object = shape.Object with { MinCount = least, MaxCount = most } };
        return least > most ? shape with { Types = shape.Types & ~type } : shape;
    }

    public override Formula Negate()
    {
        var alternatives = new List<Formula>();
        if (minimum > 0)
            alternatives.Add(new CountConstraint(type, 0, minimum - 1));
        if (maximum < int.MaxValue)
            alternatives.Add(new CountConstraint(type, maximum + 1, int.MaxValue));
        return Only(type, new Disjunction([.. alternatives]));
    }
}
