namespace Llama2.Grammar.Schemas;

/// <summary>The demand of a keyword on values of one type. Values of other types satisfy the constraint.</summary>
internal abstract class Constraint : Formula
{
    /// <summary>Adds this demand to the demands of a shape.</summary>
    public abstract Shape Apply(Shape shape, ShapeContext context);

    /// <summary>A formula that holds for those values of the given types for which the given formula holds. Most negations have this form.</summary>
    protected static Formula Only(JsonTypes types, Formula formula) => new Conjunction(new TypeConstraint(types), formula);
}
