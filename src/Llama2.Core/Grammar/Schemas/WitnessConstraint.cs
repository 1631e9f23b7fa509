using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>Demands that an object has at least one property whose name satisfies the given conditions and whose value matches a schema.</summary>
/// <param name="patterns">The patterns that the name must match.</param>
/// <param name="excludedPatterns">The patterns that the name must not match.</param>
/// <param name="excludedNames">The names that the property must not have.</param>
/// <param name="value">The schema of the value.</param>
internal sealed class WitnessConstraint(RegexNode[] patterns, RegexNode[] excludedPatterns, string[] excludedNames, SchemaLiteral value) : Constraint
{
    private readonly SchemaLiteral? _name;

    /// <summary>The constraint that an object has a property whose name matches a schema, whatever the value of the property is.</summary>
    public WitnessConstraint(SchemaLiteral name)
        : this([], [], [], SchemaLiteral.Any) => _name = name;

    /// <summary>The schema of the value.</summary>
    public SchemaLiteral Value { get; } = value;

    public override Shape Apply(Shape shape, ShapeContext context) =>
        shape with { Object = shape.Object with { Witnesses = shape.Object.Witnesses.Add(this) } };

    /// <summary>The expression that matches the allowed names.</summary>
    public RegexNode ToRegex(ShapeContext context, Func<SchemaSet, RegexNode> readNames)
    {
        RegexFactory regexes = context.Regexes;
        RegexNode names = _name is { } name ? readNames(context.Sets.Of(name)) : context.Texts.AnyText;
        return regexes.Both(
            [names, .. patterns, .. excludedPatterns.Select(regexes.Not), .. excludedNames.Select(excluded => regexes.Not(context.Texts.Literal(excluded)))]);
    }

    // Only negations create this constraint, so this method would negate a negation. Double negations are removed earlier.
    public override Formula Negate() => throw new NotSupportedException("A negation of a negation is the schema itself.");
}
