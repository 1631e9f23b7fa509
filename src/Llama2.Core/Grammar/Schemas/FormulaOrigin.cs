namespace Llama2.Grammar.Schemas;

/// <summary>The schemas that led to a formula, the innermost first.</summary>
/// <param name="Literal">The schema.</param>
/// <param name="Outer">The schema that refers to this one for the same value; null if there is none.</param>
internal sealed record FormulaOrigin(SchemaLiteral Literal, FormulaOrigin? Outer)
{
    /// <summary>The number of schemas.</summary>
    public int Depth { get; } = (Outer?.Depth ?? 0) + 1;

    public bool Contains(SchemaLiteral literal)
    {
        for (FormulaOrigin? origin = this; origin is not null; origin = origin.Outer)
        {
            if (origin.Literal == literal)
                return true;
        }

        return false;
    }
}
