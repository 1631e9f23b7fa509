using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Demands that the value of each property of an object matches the schemas that are given for the property's name and for the patterns that the name matches.
/// If there are no such schemas, the value must match the schema for all other properties.
/// </summary>
internal sealed class PropertiesConstraint : Constraint
{
    public PropertiesConstraint(IEnumerable<(string Name, SchemaLiteral Value)> named, (RegexNode Pattern, SchemaLiteral Value)[] patterns, SchemaLiteral additional)
    {
        var names = new List<string>();
        var values = new Dictionary<string, SchemaLiteral>();
        foreach ((string name, SchemaLiteral value) in named)
        {
            if (!values.ContainsKey(name))
                names.Add(name);
            values[name] = value;
        }

        Names = [.. names];
        Named = values;
        Patterns = patterns;
        Additional = additional;
    }

    /// <summary>The names in <see cref="Named"/>, in order.</summary>
    public string[] Names { get; }

    public IReadOnlyDictionary<string, SchemaLiteral> Named { get; }

    public (RegexNode Pattern, SchemaLiteral Value)[] Patterns { get; }

    /// <summary>The schema of properties whose names are not in <see cref="Named"/> and do not match any pattern.</summary>
    public SchemaLiteral Additional { get; }

    /// <summary>The constraint that an object does not have a property with the given name.</summary>
    public static PropertiesConstraint Absent(string name) => new([(name, SchemaLiteral.None)], [], SchemaLiteral.Any);

    public override Shape Apply(Shape shape, ShapeContext context)
    {
        shape = shape with { Object = shape.Object with { Clauses = shape.Object.Clauses.Add(this) } };
        foreach (string name in shape.Object.Required)
        {
            if (shape.Object.ValueOf(name, context).IsNone)
                return shape with { Types = shape.Types & ~JsonTypes.Object };
        }

        return shape;
    }

    // The negation holds if the value of at least one property does not match its schema.
    public override Formula Negate()
    {
        var alternatives = new List<Formula>();
        foreach (string name in Names)
        {
            if (Named[name] == SchemaLiteral.None)
                alternatives.Add(new RequiredConstraint(name));
            else if (Named[name] != SchemaLiteral.Any)
                alternatives.Add(new Conjunction(new RequiredConstraint(name), new PropertiesConstraint([(name, Named[name].Negate())], [], SchemaLiteral.Any)));
        }

        foreach ((RegexNode pattern, SchemaLiteral value) in Patterns)
        {
            if (value != SchemaLiteral.Any)
                alternatives.Add(new WitnessConstraint([pattern], [], [], value.Negate()));
        }

        if (Additional != SchemaLiteral.Any)
            alternatives.Add(new WitnessConstraint([], [.. Patterns.Select(pattern => pattern.Pattern)], Names, Additional.Negate()));
        return Only(JsonTypes.Object, new Disjunction([.. alternatives]));
    }
}
