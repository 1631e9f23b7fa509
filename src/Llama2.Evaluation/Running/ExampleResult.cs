namespace Llama2.Evaluation;

/// <summary>An example with its responses and its score. Immutable and thread-safe.</summary>
/// <param name="Example">The example.</param>
/// <param name="Responses">The responses, in the order of the example's requests.</param>
/// <param name="Score">The score.</param>
public sealed record ExampleResult(EvaluationExample Example, IReadOnlyList<EvaluationResponse> Responses, EvaluationScore Score);
