namespace Llama2.Evaluation;

/// <summary>A perplexity by llama.cpp's definition.</summary>
/// <param name="Perplexity">e to the power of the mean negative log-probability of the scored tokens. It is 1 or more; lower is better.</param>
/// <param name="StandardError">
/// The standard error of the perplexity: the standard error of the mean log-probability, multiplied by the perplexity. 0 if only one token was
/// scored.
/// </param>
/// <param name="WindowCount">The number of scored windows.</param>
/// <param name="WindowLength">The number of tokens of a window.</param>
/// <param name="ScoredTokenCount">The number of scored tokens.</param>
public sealed record WindowedPerplexity(double Perplexity, double StandardError, int WindowCount, int WindowLength, long ScoredTokenCount);
