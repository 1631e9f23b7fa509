namespace Llama2.Evaluation;

/// <summary>A feature of an answer that contributed to a <see cref="RefusalVerdict"/>.</summary>
/// <param name="Feature">The feature's name, such as <c>refusal_at_start</c>; docs/evaluation.md explains all names.</param>
/// <param name="Value">The feature's value, 0 to 1.</param>
/// <param name="Contribution">
/// How much the feature changes the logarithm of the odds of a full refusal against compliance: positive values speak for a refusal, negative ones for
/// compliance.
/// </param>
/// <param name="Position">The index in the answer, in UTF-16 code units, of the first sentence with this feature; -1 for a feature of the whole answer.</param>
public readonly record struct RefusalEvidence(string Feature, double Value, double Contribution, int Position);
