using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>An object has at least one property whose name is of a set and whose value matches a schema.</summary>
/// <param name="patterns">Patterns that the name matches all.</param>
/// <param name="excludedPatterns">Patterns of which the name matches none.</param>
/// <param name="excludedNames">Names that it does not have.</param>
/// <param name="value">The schema of the value.</param>
internal sealed class WitnessConstraint(RegexNode[] patterns, RegexNode[] excludedPatterns, string[] excludedNames, SchemaLiteral value) : Constraint
{
    private readonly SchemaLiteral? _name;

    /// <summary>A property whose name matches a schema, whatever its value is.</summary>
    public WitnessConstraint(SchemaLiteral name)
        : this([], [], [], SchemaLiteral.Any) => _name = name;

    /// <summary>The schema of the value.</summary>
    public SchemaLiteral Value { get; } = value;

    public override Shape Apply(Shape shape, ShapeContext context) =>
        shape with { Object = shape.Object with { Witnesses = shape.Object.Witnesses.Add(this) } };

    /// <summary>The expression of the names.</summary>
    public RegexNode ToRegex(ShapeContext context, Func<SchemaSet, RegexNode> readNames)
    {
        RegexFactory regexes = context.Regexes;
        RegexNode names = _name is { } name ? readNames(context.Sets.Of(name)) : context.Texts.AnyText;
        return regexes.Both(
            [names, .. patterns, .. excludedPatterns.Select(regexes.Not), .. excludedNames.Select(excluded => regexes.Not(context.Texts.Literal(excluded)))]);
    }

    // No property has such a name, or its value does not match. Only negations of negations come here, which cancel out before.
    public override Formula Negate() => throw new NotSupportedException("A negation of a negation is the schema itself.");
}
