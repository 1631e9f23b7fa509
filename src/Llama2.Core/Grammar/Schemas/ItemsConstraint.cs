namespace Llama2.Grammar.Schemas;

/// <summary>Demands that each of the first items of an array matches a schema of its own, and that all other items match one common schema.</summary>
internal sealed class ItemsConstraint(SchemaLiteral[] prefix, SchemaLiteral rest) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context)
    {
        ArrayShape array = shape.Array;
        var merged = new SchemaSet[Math.Max(prefix.Length, array.Prefix.Length)];
        for (int i = 0; i < merged.Length; i++)
            merged[i] = context.Sets.Union(array.ItemAt(i), i < prefix.Length ? prefix[i] : rest);
        return shape with { Array = array with { Prefix = [.. merged], Rest = context.Sets.Union(array.Rest, rest) } };
    }

    // The negation holds if at least one item does not match its schema.
    public override Formula Negate()
    {
        var alternatives = new List<Formula>();
        for (int i = 0; i < prefix.Length; i++)
        {
            if (prefix[i] == SchemaLiteral.Any)
                continue;
            SchemaLiteral[] other = new SchemaLiteral[i + 1];
            Array.Fill(other, SchemaLiteral.Any);
            other[i] = prefix[i].Negate();
            alternatives.Add(new Conjunction(new ItemsConstraint(other, SchemaLiteral.Any), new CountConstraint(JsonTypes.Array, i + 1, int.MaxValue)));
        }

        if (rest == SchemaLiteral.None)
            alternatives.Add(new CountConstraint(JsonTypes.Array, prefix.Length + 1, int.MaxValue));
        else if (rest != SchemaLiteral.Any)
            alternatives.Add(new ContainsConstraint(rest.Negate(), prefix.Length, 1, int.MaxValue));
        return Only(JsonTypes.Array, new Disjunction([.. alternatives]));
    }
}
