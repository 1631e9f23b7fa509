namespace Llama2.Evaluation;

/// <summary>A perplexity by llama.cpp's definition.</summary>
/// <param name="Perplexity">e to the mean negative log-probability of the tokens that were scored; 1 or more, lower is better.</param>
/// <param name="StandardError">Of the perplexity: that of the mean, times the perplexity. 0 where one token was scored.</param>
/// <param name="WindowCount">Windows that were scored.</param>
/// <param name="WindowLength">Tokens of a window.</param>
/// <param name="ScoredTokenCount">Tokens that were scored.</param>
public sealed record WindowedPerplexity(double Perplexity, double StandardError, int WindowCount, int WindowLength, long ScoredTokenCount);
