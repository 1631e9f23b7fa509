namespace Llama2.Grammar.Schemas;

/// <summary>What a keyword demands of a value of its type; other values satisfy it.</summary>
internal abstract class Constraint : Formula
{
    /// <summary>Adds the demand to those of a shape.</summary>
    public abstract Shape Apply(Shape shape, ShapeContext context);

    /// <summary>A value of some types for which a formula holds: the form of most negations.</summary>
    protected static Formula Only(JsonTypes types, Formula formula) => new Conjunction(new TypeConstraint(types), formula);
}
