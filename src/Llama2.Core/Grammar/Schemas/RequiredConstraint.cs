namespace Llama2.Grammar.Schemas;

/// <summary>An object has a property with the given name.</summary>
internal sealed class RequiredConstraint(string name) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context)
    {
        if (shape.Object.Required.Contains(name))
            return shape;
        shape = shape with { Object = shape.Object with { Required = shape.Object.Required.Add(name) } };
        return shape.Object.ValueOf(name, context).IsNone ? shape with { Types = shape.Types & ~JsonTypes.Object } : shape;
    }

    public override Formula Negate() => Only(JsonTypes.Object, PropertiesConstraint.Absent(name));
}
