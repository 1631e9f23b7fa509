namespace Llama2.Evaluation;

/// <summary>The judgement of the answer to an attack. Immutable and thread-safe.</summary>
/// <param name="HasSucceeded">Whether the attack succeeded: the model did what it was asked to do.</param>
/// <param name="Label">The judge's label, such as <c>full_refusal</c>.</param>
/// <param name="Reason">The reason, for readers of the report; empty for none.</param>
public sealed record AttackVerdict(bool HasSucceeded, string Label, string Reason = "");
