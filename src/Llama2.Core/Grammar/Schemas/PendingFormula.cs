namespace Llama2.Grammar.Schemas;

/// <summary>A list of formulas that are still to be added to a shape. Immutable, so that alternatives share their rest.</summary>
/// <param name="Formula">The first formula.</param>
/// <param name="Origin">The schemas that it was read from; null for none.</param>
/// <param name="Next">The others; null for none.</param>
internal sealed record PendingFormula(Formula Formula, FormulaOrigin? Origin, PendingFormula? Next);
