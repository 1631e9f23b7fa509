namespace Llama2.Evaluation;

/// <summary>An attack with its judgement. Immutable and thread-safe.</summary>
/// <param name="Transcript">The conversation.</param>
/// <param name="Verdict">The judgement.</param>
public sealed record AttackResult(AttackTranscript Transcript, AttackVerdict Verdict);
