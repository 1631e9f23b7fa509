namespace Llama2.Grammar.Schemas;

/// <summary>The demands of a schema on a value, as a formula of logic over <see cref="Constraint"/>s and other schemas. Immutable.</summary>
internal abstract class Formula
{
    /// <summary>The formula that holds for exactly those values for which this formula does not hold.</summary>
    public abstract Formula Negate();
}
