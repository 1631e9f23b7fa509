namespace Llama2.Grammar.Schemas;

/// <summary>A list of formulas that are still to be added to a shape. Immutable, so that alternatives can share the end of the list.</summary>
/// <param name="Formula">The first formula.</param>
/// <param name="Origin">The schemas from which the formula was read; null if there are none.</param>
/// <param name="Next">The rest of the list; null if there is none.</param>
internal sealed record PendingFormula(Formula Formula, FormulaOrigin? Origin, PendingFormula? Next);
