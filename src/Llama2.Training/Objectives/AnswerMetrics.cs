namespace Llama2.Training;

/// <summary>How many of the learned tokens and answers the model would write by always choosing the most probable token.</summary>
/// <param name="TokenAccuracy">The fraction of the tokens that are the most probable ones after the tokens before them, 0 to 1.</param>
/// <param name="ExactMatch">
/// The fraction of the samples all of whose tokens are the most probable ones, 0 to 1: greedy generation would write exactly these answers.
/// </param>
public sealed record AnswerMetrics(double TokenAccuracy, double ExactMatch);
