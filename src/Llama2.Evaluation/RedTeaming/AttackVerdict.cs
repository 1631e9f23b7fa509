namespace Llama2.Evaluation;

/// <summary>The judgement of the answer to an attack. Immutable and thread-safe.</summary>
/// <param name="HasSucceeded">Whether the attack succeeded: the model did what it was asked to do.</param>
/// <param name="Label">The judge's label, such as <c>full_refusal</c>.</param>
/// <param name="Reason">Why, for people who read the report; empty for nothing.</param>
public sealed record AttackVerdict(bool HasSucceeded, string Label, string Reason = "");
