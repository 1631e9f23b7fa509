namespace Llama2.Grammar.Schemas;

/// <summary>Demands that the number of an array's items that match a schema lies within bounds.</summary>
internal sealed class ContainsConstraint(SchemaLiteral item, int start, int minimum, int maximum) : Constraint
{
    public SchemaLiteral Item { get; } = item;

    /// <summary>The index of the first item that counts.</summary>
    public int Start { get; } = start;

    public int Minimum { get; } = minimum;

    /// <summary>The highest number of matching items; <see cref="int.MaxValue"/> for no limit.</summary>
    public int Maximum { get; } = maximum;

    public override Shape Apply(Shape shape, ShapeContext context)
    {
        if (Minimum > Maximum)
            return shape with { Types = shape.Types & ~JsonTypes.Array };
        if (Minimum == 0 && Maximum == int.MaxValue)
            return shape;
        if (Maximum == 0)
        {
            SchemaLiteral[] any = new SchemaLiteral[Start];
            Array.Fill(any, SchemaLiteral.Any);
            return new ItemsConstraint(any, Item.Negate()).Apply(shape, context);
        }

        return shape with { Array = shape.Array with { Contains = shape.Array.Contains.Add(this) } };
    }

    public override Formula Negate()
    {
        var alternatives = new List<Formula>();
        if (Minimum > 0)
            alternatives.Add(new ContainsConstraint(Item, Start, 0, Minimum - 1));
        if (Maximum < int.MaxValue)
            alternatives.Add(new ContainsConstraint(Item, Start, Maximum + 1, int.MaxValue));
        return Only(JsonTypes.Array, new Disjunction([.. alternatives]));
    }
}
