namespace Llama2.Evaluation;

/// <summary>
/// Asks how likely a continuation is after a context: the sum of the log-probabilities of the continuation's tokens. As in lm-evaluation-harness, white
/// space at the end of the context is moved to the continuation, context and continuation are encoded together, and as many tokens as the context alone
/// has are dropped at the beginning. The remaining tokens are scored as a continuation of the tokens of the context alone.
/// </summary>
/// <param name="Context">The prompt before the continuation.</param>
/// <param name="Continuation">The text that is scored, with the white space before it.</param>
public sealed record LogLikelihoodRequest(EvaluationPrompt Context, string Continuation) : EvaluationRequest;
