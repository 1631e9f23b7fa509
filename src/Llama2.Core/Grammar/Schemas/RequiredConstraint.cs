namespace Llama2.Grammar.Schemas;

/// <summary>Demands that an object has all properties with the given names.</summary>
/// <param name="names">The names of the properties.</param>
internal sealed class RequiredConstraint(params IEnumerable<string> names) : Constraint
{
    private readonly string[] _names = [.. names.Distinct()];

    public override Shape Apply(Shape shape, ShapeContext context)
    {
        context.Regexes.Budget.Charge(1 + _names.Length + shape.Object.Required.Length);
        string[] added = shape.Object.Required.IsEmpty ? _names : [.. _names.Except(shape.Object.Required)];
        if (added.Length == 0)
            return shape;
        shape = shape with { Object = shape.Object with { Required = shape.Object.Required.AddRange(added) } };
        return Array.Exists(added, name => shape.Object.ValueOf(name, context).IsNone) ? shape with { Types = shape.Types & ~JsonTypes.Object } : shape;
    }

    public override Formula Negate() => Only(JsonTypes.Object, new Disjunction([.. _names.Select(PropertiesConstraint.Absent)]));
}
