namespace Llama2.Evaluation;

/// <summary>
/// Asks how likely a whole text is: the sum of the log-probabilities of all its tokens, each scored once, in windows of the context length; see
/// <see cref="Perplexity.ComputeRollingAsync"/>.
/// </summary>
/// <param name="Text">The text, which has at least one word.</param>
public sealed record RollingLogLikelihoodRequest(string Text) : EvaluationRequest;
